import type { CallOptions, ChatModel, ChatRequest, Completion, TokenUsage } from './llm.port.js';
import { AppError } from '#shared/errors/app-error.js';
import { openClient, type OpenAiCompatibleSettings } from './openai-compatible.settings.js';
import { priceUsd } from './prices.js';
import { providerName } from './provider-name.js';
import { estimatedTokens } from './token-estimate.js';

const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
const KNOWN_ENDINGS: ReadonlySet<string> = new Set(['stop', 'length', 'content-filter']);

/** Chat by any server that speaks OpenAI's `POST /chat/completions`: OpenAI, GitHub Models, Ollama, vLLM, llama.cpp, … */
export class OpenAiCompatibleChatModel implements ChatModel {
  readonly provider: string;
  readonly defaultModel: string;

  constructor(private readonly settings: OpenAiCompatibleSettings) {
    this.provider = providerName(settings.baseUrl);
    this.defaultModel = settings.model;
  }

  async chat(request: ChatRequest, { signal }: CallOptions): Promise<Completion> {
    const { model = this.defaultModel, turns, maxOutputTokens } = request;
    const [{ generateText }, { providerError }, client] = await Promise.all([
      import('ai'),
      import('./provider-error.js'),
      openClient(this.settings, MAX_ANSWER_BYTES),
    ]);
    try {
      const answer = await generateText({
        model: client.chatModel(model),
        messages: turns.map(({ role, content }) => ({ role, content })),
        // Ours and the client's system turns are told apart before they come here.
        allowSystemInMessages: true,
        maxRetries: this.settings.maxRetries,
        abortSignal: signal,
        ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
      });
      const { text, finishReason, response } = answer;
      if (text.trim() === '') throw new AppError('UPSTREAM_ERROR', 'The model gave no answer.');
      const tokens = usageOf(answer.usage, turns.map(({ content }) => content).join('\n'), text);
      return {
        text,
        finishReason: KNOWN_ENDINGS.has(finishReason) ? finishReason : 'other',
        provider: this.provider,
        model: response.modelId || model,
        tokens,
        costUsd: await priceUsd({ provider: this.provider, models: [response.modelId, model], tokens }),
      };
    } catch (error) {
      throw providerError(error, signal);
    }
  }
}

interface CountedTokens {
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
}

function usageOf({ inputTokens, outputTokens }: CountedTokens, input: string, output: string): TokenUsage {
  return {
    in: inputTokens ?? estimatedTokens(input),
    out: outputTokens ?? estimatedTokens(output),
    estimated: inputTokens === undefined || outputTokens === undefined,
  };
}
