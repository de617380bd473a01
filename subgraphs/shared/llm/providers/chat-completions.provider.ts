import type { CallOptions, ChatModel, ChatRequest, Completion, Spending, TokenUsage } from '../llm.port.js';
import { estimatedTokens, estimatedUsage } from '../token-estimate.js';
import { withSpending } from './broken-call.js';
import { noAnswer } from './no-answer.js';
import { OutputLimitNames } from './output-limit.js';
import { MAX_TEXT_BYTES, type RemoteSettings } from './remote.js';
import { openClient } from './sdk-client.js';
import { SdkModels } from './sdk-models.js';
import type { SdkText } from './sdk-text.js';
import { tokenCount } from './token-count.js';

const KNOWN_ENDINGS: ReadonlySet<string> = new Set(['stop', 'length', 'content-filter']);

/**
 * Chat by any server that speaks OpenAI's `POST /chat/completions`: OpenAI, GitHub Models, Ollama, vLLM, llama.cpp, Pollinations, …
 * One call, no retries; but once for each model that refuses the name of the limit of its answer, another by the other name.
 */
export class ChatCompletionsModel implements ChatModel {
  readonly provider: string;
  readonly defaultModel: string;
  readonly #limitNames: OutputLimitNames;
  #sdk: Promise<Sdk> | undefined;

  constructor(private readonly settings: RemoteSettings) {
    this.#limitNames = new OutputLimitNames(settings.provider);
    this.provider = settings.provider;
    this.defaultModel = settings.model;
  }

  async chat(request: ChatRequest, { signal, onDelta }: CallOptions): Promise<Completion> {
    const { model = this.defaultModel, turns, maxOutputTokens } = request;
    const sdk = await (this.#sdk ??= loadSdk(this.settings, this.#limitNames));
    const input = turns.map(({ content }) => content).join('\n');
    let said = '';
    const hear =
      onDelta &&
      ((piece: string): Promise<void> => {
        said += piece;
        return onDelta(piece);
      });
    try {
      const sdkModel = sdk.models.of(model);
      const call = {
        prompt: sdk.sdkPrompt(turns),
        abortSignal: signal,
        ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
      };
      const ask = () => (hear ? sdk.streamedText(sdkModel, call, hear) : sdk.generatedText(sdkModel, call));
      const answer = await ask().catch((error: unknown) => {
        if (!this.#limitNames.learnFrom(sdk.unsupportedParameter(error), model)) throw error;
        return ask();
      });
      const { text, finishReason, modelId } = answer;
      const spent = await this.#spendingOf(usageOf(answer.usage, input, text), [modelId || model, model]);
      if (text.trim() === '') {
        // It may have thought for long; where the server counts nothing, nobody knows.
        throw noAnswer(finishReason, { mayBeCharged: true, ...(!spent.tokens.estimated && { spent }) });
      }
      return {
        text,
        finishReason: KNOWN_ENDINGS.has(finishReason) ? finishReason : 'other',
        provider: this.provider,
        model: modelId || model,
        ...spent,
      };
    } catch (error) {
      const tokens = estimatedUsage(input, said);
      throw await withSpending(sdk.sdkError(error, signal), this.settings, { model, tokens });
    }
  }

  async #spendingOf(tokens: TokenUsage, models: readonly string[]): Promise<Spending> {
    return { tokens, costUsd: await this.settings.prices.ofTokens({ provider: this.provider, models, tokens }) };
  }
}

type Sdk = Awaited<ReturnType<typeof loadSdk>>;

async function loadSdk(settings: RemoteSettings, { named }: OutputLimitNames) {
  const [{ generatedText, sdkPrompt, streamedText }, { sdkError, unsupportedParameter }, client] = await Promise.all([
    import('./sdk-text.js'),
    import('./sdk-error.js'),
    openClient(settings, { maxBytes: MAX_TEXT_BYTES, transformRequestBody: named }),
  ]);
  return { generatedText, sdkPrompt, streamedText, sdkError, unsupportedParameter, models: new SdkModels(client) };
}

/** Read from what the server sent: the SDK makes zeros of the counts that are not there. */
function usageOf(usage: SdkText['usage'], input: string, output: string): TokenUsage {
  const { prompt_tokens, completion_tokens } = usage?.raw ?? {};
  const tokensIn = tokenCount(prompt_tokens, { isEmpty: input === '' });
  const tokensOut = tokenCount(completion_tokens, { isEmpty: output === '' });
  const cached = tokenCount(usage?.inputTokens.cacheRead, { isEmpty: true });
  return {
    in: tokensIn ?? estimatedTokens(input),
    out: tokensOut ?? estimatedTokens(output),
    estimated: tokensIn === undefined || tokensOut === undefined,
    ...(cached && { cachedIn: cached }),
  };
}
