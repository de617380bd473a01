import { access } from 'node:fs/promises';
import { basename } from 'node:path';
import { OneAtATime } from '#shared/concurrency/one-at-a-time.js';
import { abortError, orAborted } from '../cancellation.js';
import type { CallOptions, ChatModel, ChatRequest, ChatTurn, Completion } from '../llm.port.js';
import { LOCAL_PROVIDER } from '../local/local-provider.js';
import { loadLlama, type LlamaModule, type LlamaSequence, type LlamaTurn } from './llama-runtime.js';
import { noAnswer } from './no-answer.js';

/** Tokens of a conversation and its answer; more would take memory that small machines do not have. */
const MAX_CONTEXT_TOKENS = 8_192;
const TEMPERATURE = 0.7;
const ENDINGS: Readonly<Record<string, string>> = {
  eogToken: 'stop',
  stopGenerationTrigger: 'stop',
  customStopTrigger: 'stop',
  maxTokens: 'length',
};

/**
 * Chat by a GGUF file in this process, through llama.cpp. Requests are answered one after the other; one that is aborted while it
 * waits is never begun, and one that is being answered ends between two tokens. Nothing of a request stays for the next.
 */
export class GgufChatModel implements ChatModel {
  readonly provider = LOCAL_PROVIDER;
  readonly #turns = new OneAtATime();

  private constructor(
    readonly defaultModel: string,
    private readonly sessions: LlamaModule['LlamaChatSession'],
    private readonly sequence: LlamaSequence,
  ) {}

  /**
   * Loads the file, which takes seconds. Throws an Error that names LLM_LOCAL_MODEL when there is no such file, or the package
   * `node-llama-cpp` is not installed. `release` frees what it holds.
   */
  static async open(path: string): Promise<{ model: GgufChatModel; release: () => Promise<void> }> {
    await access(path).catch((cause: unknown) => {
      throw new Error('LLM_LOCAL_MODEL names no file that can be read.', { cause });
    });
    const { getLlama, LlamaChatSession } = await loadLlama();
    // Its own default would compile llama.cpp where there is no binary for the machine.
    const llama = await getLlama({ build: 'never', logLevel: 'error' });
    const file = await llama.loadModel({ modelPath: path });
    const context = await file.createContext({ contextSize: { max: MAX_CONTEXT_TOKENS } });
    const model = new GgufChatModel(basename(path, '.gguf'), LlamaChatSession, context.getSequence());
    return { model, release: () => llama.dispose() };
  }

  async chat(request: ChatRequest, { signal, onDelta }: CallOptions): Promise<Completion> {
    const answer = this.#turns.run('', () => this.#answer(request, signal));
    const completion = await orAborted(answer, signal);
    // In one piece: the library's own pieces come from a callback that cannot be made to wait.
    await onDelta?.(completion.text);
    return completion;
  }

  async #answer({ turns, maxOutputTokens }: ChatRequest, signal: AbortSignal): Promise<Completion> {
    if (signal.aborted) throw abortError(signal);
    const { sequence } = this;
    const before = sequence.tokenMeter.getState();
    const session = new this.sessions({ contextSequence: sequence });
    try {
      session.setChatHistory(turns.slice(0, -1).map(historyItem));
      const limit = maxOutputTokens === undefined ? {} : { maxTokens: maxOutputTokens };
      const options = { signal, temperature: TEMPERATURE, ...limit };
      const { responseText, stopReason } = await session.promptWithMeta(turns.at(-1)?.content ?? '', options);
      const { usedInputTokens, usedOutputTokens } = sequence.tokenMeter.getState();
      const tokens = {
        in: usedInputTokens - before.usedInputTokens,
        out: usedOutputTokens - before.usedOutputTokens,
        estimated: false,
      };
      const spent = { tokens, costUsd: 0 };
      const finishReason = ENDINGS[stopReason] ?? 'other';
      if (responseText.trim() === '') throw noAnswer(finishReason, { spent });
      return {
        text: responseText,
        finishReason,
        provider: this.provider,
        model: this.defaultModel,
        ...spent,
      };
    } finally {
      session.dispose();
      await sequence.clearHistory();
    }
  }
}

function historyItem({ role, content }: ChatTurn): LlamaTurn {
  return role === 'assistant' ? { type: 'model', response: [content] } : { type: role, text: content };
}
