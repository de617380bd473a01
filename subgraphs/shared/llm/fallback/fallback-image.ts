import type { CallOptions, GeneratedImage, ImageModel, ImageRequest } from '../llm.port.js';
import { candidateOf, FallbackModel } from './fallback.js';

/** Pictures by the first of several providers that makes one. */
export class FallbackImageModel extends FallbackModel<ImageModel> implements ImageModel {
  async generateImage(request: ImageRequest, options: CallOptions): Promise<GeneratedImage> {
    const candidates = this.models.map((answerer) =>
      candidateOf(answerer, answerer.defaultModel, (of) => answerer.generateImage(request, of)),
    );
    return this.fallback.run(candidates, options);
  }
}
