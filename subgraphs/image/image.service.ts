import { badInput } from '#shared/errors/app-error.js';
import type { Artifact, History, HistoryRecord, Produced } from '#shared/history/history.port.js';
import type { RecordedCall } from '#shared/history/graph/recorded-call.js';
import { callWithin } from '#shared/llm/deadline.js';
import type { ImageModel } from '#shared/llm/llm.port.js';
import { parseImageSize, SIZE_RULE } from './image-size.js';

export interface ImageOrder {
  readonly prompt: string;
  /** `<width>x<height>` in pixels. */
  readonly size: string;
  readonly seed?: number | null;
  readonly style?: string | null;
}

export interface ImageServiceParts {
  /** Makes PNGs of the size asked for. */
  readonly model: ImageModel;
  /** A smaller JPEG of a picture. Throws UPSTREAM_ERROR for what is none. */
  readonly preview: (png: Uint8Array) => Promise<Uint8Array>;
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
      asked: { provider: model.provider, model: model.defaultModel, isAlone: model.isAlone },
    };
    return history.run(request, async ({ id: recordId }) => {
      const { requestId } = caller;
      const picture = { prompt, ...pixels, seed: params.seed, ...style };
      const {
        bytes,
        contentType: _png,
        made,
        ...provenance
      } = await model.generateImage(picture, callWithin(timeoutMs, signal, { requestId, recordId }));
      const { attempts } = provenance;
      const meta = { attempts, ...(made && { madeSize: `${made.width}x${made.height}` }) };
      return { provenance, artifacts: await this.#artifacts(bytes), meta } satisfies Produced;
    });
  }

  async #artifacts(png: Uint8Array): Promise<Artifact[]> {
    const jpeg = await this.parts.preview(png);
    return [
      { name: 'image', at: { path: 'image/original.png' }, bytes: png, contentType: 'image/png' },
      { name: 'preview', at: { path: 'image/preview.jpg' }, bytes: jpeg, contentType: 'image/jpeg' },
    ];
  }
}
