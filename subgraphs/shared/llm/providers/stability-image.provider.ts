import { FormData } from 'undici';
import { nearestShape, type Pixels } from '../image/aspect.js';
import { promptWithStyle, stabilityStyle } from '../image/image-styles.js';
import type { CallOptions, GeneratedImage, ImageModel, ImageRequest } from '../llm.port.js';
import { faultOfStatus, ProviderError, type Fault } from '../provider-error.js';
import { estimatedUsage } from '../token-estimate.js';
import { withSpending } from './broken-call.js';
import { bearer, fetchImage } from './image-call.js';
import { MAX_IMAGE_BYTES, type RemoteSettings } from './remote.js';

const SHAPES = [
  shape(1, 1),
  shape(16, 9),
  shape(9, 16),
  shape(3, 2),
  shape(2, 3),
  shape(5, 4),
  shape(4, 5),
  shape(21, 9),
  shape(9, 21),
] as const;

/** Zero means "any" there. The greatest seed stands for it: no client of ours can ask for that one. */
const SEED_FOR_ZERO = 4_294_967_294;

/**
 * Images by Stability AI's `POST /v2beta/stable-image/generate/{core|ultra|sd3}`, a form answered with the picture itself. It knows
 * shapes and no sizes: the nearest is asked for. One call, no retries. Source: https://platform.stability.ai/docs/api-reference
 */
export class StabilityImageModel implements ImageModel {
  readonly provider: string;
  readonly defaultModel: string;

  constructor(private readonly settings: RemoteSettings) {
    this.provider = settings.provider;
    this.defaultModel = settings.model;
  }

  async generateImage(request: ImageRequest, { signal }: CallOptions): Promise<GeneratedImage> {
    const { provider, defaultModel: model } = this;
    const { baseUrl, apiKey, maxResponseBytes, prices } = this.settings;
    const service = model === 'core' || model === 'ultra' ? model : 'sd3';
    const tokens = estimatedUsage(request.prompt, '');
    try {
      const { bytes, contentType, headers } = await fetchImage(
        `${baseUrl}/v2beta/stable-image/generate/${service}`,
        { method: 'POST', headers: { accept: 'image/*', ...bearer(apiKey) }, body: formOf(request, model, service) },
        { signal, maxBytes: maxResponseBytes ?? MAX_IMAGE_BYTES, faultOf },
      );
      // What it takes for improper it sends all the same, blurred.
      if (headers.get('finish-reason') === 'CONTENT_FILTERED') {
        throw new ProviderError('refused', { mayBeCharged: true, cause: new Error('content filtered') });
      }
      const costUsd = await prices.ofImage({ provider, models: [model], tokens });
      return { bytes, contentType, provider, model, tokens, costUsd };
    } catch (error) {
      throw await withSpending(error, this.settings, { model, tokens });
    }
  }
}

function formOf(request: ImageRequest, model: string, service: string): FormData {
  const preset = service === 'core' ? stabilityStyle(request.style) : undefined;
  const form = new FormData();
  form.set('prompt', preset === undefined ? promptWithStyle(request) : request.prompt);
  const { width, height } = nearestShape(request, SHAPES);
  form.set('aspect_ratio', `${width}:${height}`);
  form.set('seed', String(request.seed || SEED_FOR_ZERO));
  form.set('output_format', 'png');
  if (preset !== undefined) form.set('style_preset', preset);
  if (service === 'sd3') {
    form.set('mode', 'text-to-image');
    form.set('model', model);
  }
  return form;
}

/** A 403 is a wrong key, or a prompt that its moderation does not like: only the body tells. */
function faultOf(status: number, body: string): Fault {
  return status === 403 && body.includes('"content_moderation"') ? 'refused' : faultOfStatus(status);
}

function shape(width: number, height: number): Pixels {
  return { width, height };
}
