import type { CallOptions, GeneratedImage, ImageModel, ImageRequest } from '../llm.port.js';
import { ProviderError } from '../provider-error.js';
import { toPng, type SizedPng } from './encode-image.js';

/** A provider whose pictures are checked and made PNGs of the size asked for: what is no picture is that provider's failure. */
export class PngImageModel implements ImageModel {
  readonly provider: string;
  readonly defaultModel: string;

  constructor(private readonly inner: ImageModel) {
    this.provider = inner.provider;
    this.defaultModel = inner.defaultModel;
  }

  async generateImage(request: ImageRequest, options: CallOptions): Promise<GeneratedImage> {
    const image = await this.inner.generateImage(request, options);
    const { png, made } = await converted(image, request);
    const isAsAsked = made.width === request.width && made.height === request.height;
    return { ...image, bytes: png, contentType: 'image/png', ...(!isAsAsked && { made }) };
  }
}

/** What was charged for it is known, picture or not. */
async function converted({ bytes, tokens, costUsd }: GeneratedImage, size: ImageRequest): Promise<SizedPng> {
  try {
    return await toPng(bytes, size);
  } catch (error) {
    if (error instanceof ProviderError) error.spent = { tokens, costUsd };
    throw error;
  }
}
