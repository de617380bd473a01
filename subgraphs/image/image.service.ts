import { badInput } from '#shared/errors/app-error.js';
import type { Artifact, History, HistoryRecord, Produced } from '#shared/history/history.port.js';
import type { RecordedCall } from '#shared/history/recorded-call.js';
import type { ImageModel } from '#shared/llm/llm.port.js';
import { parseImageSize, SIZE_RULE } from './image-size.js';

export interface ImageOrder {
  readonly prompt: string;
  /** `<width>x<height>` in pixels. */
  readonly size: string;
  readonly seed?: number | null;
  readonly style?: string | null;
}

/** Checks that bytes are a picture, and encodes it. Throws UPSTREAM_ERROR for what is none. */
interface ImageEncoder {
  toPng(bytes: Uint8Array): Promise<Uint8Array>;
  toPreviewJpeg(bytes: Uint8Array): Promise<Uint8Array>;
}

export interface ImageServiceParts {
  readonly model: ImageModel;
  readonly encoder: ImageEncoder;
  readonly history: History;
  /** How long the provider may take. */
  readonly timeoutMs: number;
  /** From 0 to 2^31 − 1. */
  readonly randomSeed: () => number;
}

/** Pictures from prompts, each kept in the history. */
export class ImageService {
  constructor(private readonly parts: ImageServiceParts) {}

  /** Throws BAD_USER_INPUT, SERVICE_UNAVAILABLE when the history is away, and what the provider throws. */
  async generate(order: ImageOrder, { signal, ...caller }: RecordedCall): Promise<HistoryRecord> {
    const { model, history, timeoutMs, randomSeed } = this.parts;
    const { prompt, size } = order;
    const pixels = parseImageSize(size);
    if (!pixels) throw badInput('input.size', 'imageSize', `input.size ${SIZE_RULE}.`);
    const style = order.style?.trim() ? { style: order.style.trim() } : {};
    const params = { size, seed: order.seed ?? randomSeed(), ...style };
    const request = {
      ...caller,
      action: 'generate',
      prompt,
      input: { prompt, ...params },
      params,
      asked: { provider: model.provider, model: model.defaultModel },
    };
    return history.run(request, async () => {
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      const {
        bytes,
        contentType: _claimed,
        ...provenance
      } = await model.generateImage({ prompt, ...pixels, seed: params.seed, ...style }, { signal: deadline });
      return { provenance, artifacts: await this.#artifacts(bytes) } satisfies Produced;
    });
  }

  async #artifacts(bytes: Uint8Array): Promise<Artifact[]> {
    const { encoder } = this.parts;
    const [png, jpeg] = await Promise.all([encoder.toPng(bytes), encoder.toPreviewJpeg(bytes)]);
    return [
      { name: 'image', at: { path: 'image/original.png' }, bytes: png, contentType: 'image/png' },
      { name: 'preview', at: { path: 'image/preview.jpg' }, bytes: jpeg, contentType: 'image/jpeg' },
    ];
  }
}
