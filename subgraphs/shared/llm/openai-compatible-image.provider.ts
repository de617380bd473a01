import type { CallOptions, GeneratedImage, ImageModel, ImageRequest } from './llm.port.js';
import { openClient, type OpenAiCompatibleSettings } from './openai-compatible.settings.js';
import { priceUsd } from './prices.js';
import { providerName } from './provider-name.js';
import { estimatedTokens } from './token-estimate.js';

const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/**
 * Images by any server that speaks OpenAI's `POST /images/generations`. That protocol has no seed, so none is sent
 * (OpenAI refuses unknown fields); a style goes into the prompt.
 */
export class OpenAiCompatibleImageModel implements ImageModel {
  readonly provider: string;
  readonly defaultModel: string;

  constructor(private readonly settings: OpenAiCompatibleSettings) {
    this.provider = providerName(settings.baseUrl);
    this.defaultModel = settings.model;
  }

  async generateImage(request: ImageRequest, { signal }: CallOptions): Promise<GeneratedImage> {
    const prompt = request.style ? `${request.prompt}\n\nStyle: ${request.style}` : request.prompt;
    const model = this.defaultModel;
    const [{ generateImage }, { providerError }, client] = await Promise.all([
      import('ai'),
      import('./provider-error.js'),
      openClient(this.settings, MAX_ANSWER_BYTES),
    ]);
    try {
      const { image, usage } = await generateImage({
        model: client.imageModel(model),
        prompt,
        size: `${request.width}x${request.height}`,
        maxRetries: this.settings.maxRetries,
        abortSignal: signal,
      });
      const counted = usage.inputTokens !== undefined && usage.outputTokens !== undefined;
      const tokens = {
        in: usage.inputTokens ?? estimatedTokens(prompt),
        out: usage.outputTokens ?? 0,
        estimated: !counted,
      };
      // By tokens where the provider counted them; a price per picture is not in the catalogue.
      const costUsd = counted ? await priceUsd({ provider: this.provider, models: [model], tokens }) : null;
      return { bytes: image.uint8Array, contentType: image.mediaType, provider: this.provider, model, tokens, costUsd };
    } catch (error) {
      throw providerError(error, signal);
    }
  }
}
