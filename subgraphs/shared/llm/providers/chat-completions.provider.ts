import type { CallOptions, ChatModel, ChatRequest, Completion, TokenUsage } from '../llm.port.js';
import { ProviderError } from '../provider-error.js';
import { estimatedTokens } from '../token-estimate.js';
import { MAX_TEXT_BYTES, type RemoteSettings } from './remote.js';
import { openClient } from './sdk-client.js';

const KNOWN_ENDINGS: ReadonlySet<string> = new Set(['stop', 'length', 'content-filter']);

/**
 * Chat by any server that speaks OpenAI's `POST /chat/completions`: OpenAI, GitHub Models, Ollama, vLLM, llama.cpp, Pollinations, …
 * One call, no retries.
 */
export class ChatCompletionsModel implements ChatModel {
  readonly provider: string;
  readonly defaultModel: string;

  constructor(private readonly settings: RemoteSettings) {
    this.provider = settings.provider;
    this.defaultModel = settings.model;
  }

  async chat(request: ChatRequest, { signal, onDelta }: CallOptions): Promise<Completion> {
    const { model = this.defaultModel, turns, maxOutputTokens } = request;
    const [{ generateText }, { sdkError }, { streamedText }, client] = await Promise.all([
      import('ai'),
      import('./sdk-error.js'),
      import('./streamed-text.js'),
      openClient(this.settings, MAX_TEXT_BYTES),
    ]);
    try {
      const call = {
        model: client.chatModel(model),
        messages: turns.map(({ role, content }) => ({ role, content })),
        // Ours and the client's system turns are told apart before they come here.
        allowSystemInMessages: true,
        // Tries are counted, and their pauses bounded, by whoever calls.
        maxRetries: 0,
        abortSignal: signal,
        ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
      };
      const answer = await (onDelta ? streamedText(call, onDelta) : generateText(call));
      const { text, finishReason, response } = answer;
      if (text.trim() === '') throw new ProviderError('unusable', { message: 'The model gave no answer.' });
      const tokens = usageOf(answer.usage, turns.map(({ content }) => content).join('\n'), text);
      const { provider } = this;
      return {
        text,
        finishReason: KNOWN_ENDINGS.has(finishReason) ? finishReason : 'other',
        provider,
        model: response.modelId || model,
        tokens,
        costUsd: await this.settings.prices.ofTokens({ provider, models: [response.modelId, model], tokens }),
      };
    } catch (error) {
      throw sdkError(error, signal);
    }
  }
}

interface ReportedUsage {
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  readonly inputTokenDetails: { readonly cacheReadTokens: number | undefined };
}

function usageOf({ inputTokens, outputTokens, inputTokenDetails }: ReportedUsage, input: string, output: string) {
  const cached = counted(inputTokenDetails.cacheReadTokens);
  return {
    in: counted(inputTokens) ?? estimatedTokens(input),
    out: counted(outputTokens) ?? estimatedTokens(output),
    estimated: counted(inputTokens) === undefined || counted(outputTokens) === undefined,
    ...(cached && { cachedIn: cached }),
  } satisfies TokenUsage;
}

/** A count that can be one; servers of one's own report all sorts. */
function counted(tokens: number | undefined): number | undefined {
  return tokens !== undefined && Number.isSafeInteger(tokens) && tokens >= 0 ? tokens : undefined;
}
