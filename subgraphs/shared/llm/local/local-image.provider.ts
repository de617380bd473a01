import { breathe } from '../cancellation.js';
import type { CallOptions, GeneratedImage, ImageModel, ImageRequest } from '../llm.port.js';
import { estimatedUsage } from '../token-estimate.js';
import { composeSvg } from './image/compose.js';
import { LOCAL_PROVIDER } from './local-provider.js';

/** Above this the picture is drawn smaller and enlarged: filters take seconds per megapixel. */
const MAX_DRAWN_PIXELS = 1_600_000;

/**
 * Draws what a prompt names, without a network or weights: words of Spanish and English choose the scene, its mood and its colours,
 * and the seed everything else. The same prompt, style, size and seed give the same PNG, byte for byte. Drawn as SVG and rendered by
 * librsvg through sharp, off the event loop; sharp is loaded at the first picture.
 */
export class LocalImageModel implements ImageModel {
  readonly provider = LOCAL_PROVIDER;
  readonly isInstant = true;
  readonly defaultModel = 'procedural-painter';

  async generateImage(request: ImageRequest, { signal }: CallOptions): Promise<GeneratedImage> {
    await breathe(signal);
    const svg = composeSvg(request, MAX_DRAWN_PIXELS);
    const { default: sharp } = await import('sharp');
    await breathe(signal);
    const bytes = await sharp(Buffer.from(svg), { unlimited: true })
      .resize(request.width, request.height, { fit: 'fill' })
      .flatten({ background: '#000000' })
      .png({ compressionLevel: 6 })
      .toBuffer();
    await breathe(signal);
    return {
      bytes,
      contentType: 'image/png',
      provider: this.provider,
      model: this.defaultModel,
      tokens: estimatedUsage(request.prompt, ''),
      costUsd: 0,
    };
  }
}
