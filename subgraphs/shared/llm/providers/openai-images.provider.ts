import { namesOnly } from '#shared/errors/failure-cause.js';
import { PUBLIC_WEB, type Network } from '#shared/safe-fetch/network.js';
import { nearestShape, type Pixels } from '../image/aspect.js';
import { promptWithStyle } from '../image/image-styles.js';
import type { CallOptions, GeneratedImage, ImageModel, ImageRequest, TokenUsage } from '../llm.port.js';
import { ProviderError } from '../provider-error.js';
import { estimatedUsage } from '../token-estimate.js';
import { withSpending } from './broken-call.js';
import { MAX_IMAGE_BYTES, type RemoteSettings } from './remote.js';
import { openClient } from './sdk-client.js';
import { tokenCount } from './token-count.js';

/** The sizes that OpenAI's models make; any other model, on any other server, is asked for the size itself. */
const SIZES: readonly (readonly [RegExp, readonly [Pixels, ...Pixels[]]])[] = [
  [/^(?:chatgpt|gpt)-image/, [square(1024), { width: 1536, height: 1024 }, { width: 1024, height: 1536 }]],
  [/^dall-e-3$/, [square(1024), { width: 1792, height: 1024 }, { width: 1024, height: 1792 }]],
  [/^dall-e-2$/, [square(1024)]],
];

/**
 * Images by any server that speaks OpenAI's `POST /images/generations`. That protocol has no seed, so none is sent (OpenAI refuses
 * unknown fields); a style goes into the prompt. One call, no retries. Where a server answers with a URL, the picture is fetched: from the
 * server itself wherever that is, from elsewhere over `network` alone, whatever name leads there.
 */
export class OpenAiImageModel implements ImageModel {
  readonly provider: string;
  readonly defaultModel: string;

  constructor(
    private readonly settings: RemoteSettings,
    private readonly network: Network = PUBLIC_WEB,
  ) {
    this.provider = settings.provider;
    this.defaultModel = settings.model;
  }

  async generateImage(request: ImageRequest, { signal }: CallOptions): Promise<GeneratedImage> {
    const { provider, defaultModel: model } = this;
    const prompt = promptWithStyle(request);
    const orderUrl = `${this.settings.baseUrl}/images/generations`;
    let isMade = false;
    const [{ DownloadError, generateImage }, { sdkError }, client] = await Promise.all([
      import('ai'),
      import('./sdk-error.js'),
      openClient(this.settings, {
        maxBytes: MAX_IMAGE_BYTES,
        network: this.network,
        // Nothing else is asked for before the order is answered.
        onRequest: (url) => (isMade ||= url !== orderUrl),
      }),
    ]);
    const { width, height } = sizeFor(model, request);
    try {
      const { image, usage } = await generateImage({
        model: client.imageModel(model),
        prompt,
        size: `${width}x${height}`,
        maxRetries: 0,
        abortSignal: signal,
        // The older models would answer with a URL to fetch the picture from.
        ...(model.startsWith('dall-e') && { providerOptions: { [provider]: { response_format: 'b64_json' } } }),
      });
      const tokensIn = tokenCount(usage.inputTokens, { isEmpty: false });
      const tokensOut = tokenCount(usage.outputTokens, { isEmpty: false });
      const isCounted = tokensIn !== undefined && tokensOut !== undefined;
      const tokens = isCounted ? { in: tokensIn, out: tokensOut, estimated: false } : estimatedUsage(prompt, '');
      const costUsd = await this.settings.prices.ofImage({ provider, models: [model], tokens });
      return { bytes: image.uint8Array, contentType: image.mediaType, provider, model, tokens, costUsd };
    } catch (error) {
      const tokens = estimatedUsage(prompt, '');
      // This one is of an answer whose URL is not even asked for: its address, or its name by itself, is of a private network.
      isMade ||= DownloadError.isInstance(error);
      const failure = isMade && !signal.aborted ? await this.#lost(error, tokens) : sdkError(error, signal);
      throw await withSpending(failure, this.settings, { model, tokens });
    }
  }

  /** The picture was made, and could not be fetched from the URL that was answered: to order it again would cost as much again. */
  async #lost(error: unknown, tokens: TokenUsage): Promise<ProviderError> {
    const { provider, defaultModel: model } = this;
    const costUsd = await this.settings.prices.ofImage({ provider, models: [model], tokens });
    const known = costUsd === null ? {} : { spent: { tokens, costUsd } };
    return new ProviderError('unusable', { mayBeCharged: true, ...known, cause: namesOnly(error) });
  }
}

function sizeFor(model: string, asked: Pixels): Pixels {
  const offered = SIZES.find(([pattern]) => pattern.test(model))?.[1];
  return offered ? nearestShape(asked, offered) : asked;
}

function square(side: number): Pixels {
  return { width: side, height: side };
}
