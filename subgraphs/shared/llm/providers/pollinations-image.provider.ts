import { promptWithStyle } from '../image/image-styles.js';
import type { CallOptions, GeneratedImage, ImageModel, ImageRequest } from '../llm.port.js';
import { ProviderError } from '../provider-error.js';
import { estimatedUsage } from '../token-estimate.js';
import { withSpending } from './broken-call.js';
import { bearer, fetchImage } from './image-call.js';
import { MAX_IMAGE_BYTES, type RemoteSettings } from './remote.js';

/** The prompt is part of the URL, and servers and proxies refuse longer ones. */
const MAX_PATH_CHARS = 8_000;

/**
 * Images by Pollinations: `GET /image/{prompt}?model&width&height&seed`, with a Bearer key. A prompt too long for a URL is refused
 * without a call. One call, no retries. Source: https://gen.pollinations.ai/api/docs
 */
export class PollinationsImageModel implements ImageModel {
  readonly provider: string;
  readonly defaultModel: string;

  constructor(private readonly settings: RemoteSettings) {
    this.provider = settings.provider;
    this.defaultModel = settings.model;
  }

  async generateImage(request: ImageRequest, { signal }: CallOptions): Promise<GeneratedImage> {
    const { provider, defaultModel: model } = this;
    const { baseUrl, apiKey, maxResponseBytes, prices } = this.settings;
    const tokens = estimatedUsage(request.prompt, '');
    const { width, height, seed } = request;
    const query = new URLSearchParams({ model, width: `${width}`, height: `${height}`, seed: `${seed}` });
    const url = `${baseUrl}/image/${pathSegment(promptWithStyle(request))}?${query.toString()}`;
    const headers = { accept: 'image/*', ...bearer(apiKey) };
    const limits = { signal, maxBytes: maxResponseBytes ?? MAX_IMAGE_BYTES };
    try {
      const { bytes, contentType } = await fetchImage(url, { headers }, limits);
      const costUsd = await prices.ofImage({ provider, models: [model], tokens });
      return { bytes, contentType, provider, model, tokens, costUsd };
    } catch (error) {
      throw await withSpending(error, this.settings, { model, tokens });
    }
  }
}

/** Dots alone would be taken for a step up the path, however they are written: a space behind them keeps them. */
function pathSegment(prompt: string): string {
  const segment = encodeURIComponent(/^\.{1,2}$/.test(prompt) ? `${prompt} ` : prompt.toWellFormed());
  if (segment.length <= MAX_PATH_CHARS) return segment;
  throw new ProviderError('refused', { cause: new Error('the prompt is too long for a URL') });
}
