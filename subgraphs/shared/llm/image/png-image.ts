import type { CallOptions, GeneratedImage, ImageModel, ImageRequest } from '../llm.port.js';
import { toPng } from './encode-image.js';

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
    const { png, made } = await toPng(image.bytes, request);
    const isAsAsked = made.width === request.width && made.height === request.height;
    return { ...image, bytes: png, contentType: 'image/png', ...(!isAsAsked && { made }) };
  }
}
