import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { z } from 'zod';
import { loadConfig } from '#shared/config/load-config.js';
import type { ChatRequest, Completion, RoutedChatModel } from '#shared/llm/llm.port.js';
import type { LlamaModule, LlamaTurn } from '#shared/llm/providers/llama-runtime.js';

/** What the library was told, and how it answers: it stands in for llama.cpp, not for anything of ours. */
const library = {
  options: [] as unknown[],
  history: [] as LlamaTurn[],
  prompts: [] as string[],
  maxTokens: undefined as number | undefined,
  cleared: 0,
  disposed: 0,
  isReleased: false,
  answer: async (_signal: AbortSignal) => ({ responseText: 'Hola.', stopReason: 'eogToken' }),
};
let used = { usedInputTokens: 0, usedOutputTokens: 0 };

const sequence = {
  tokenMeter: { getState: () => ({ ...used }) },
  clearHistory: async () => void (library.cleared += 1),
};
const doubled: LlamaModule = {
  async getLlama(options) {
    library.options.push(options);
    return {
      async loadModel(file) {
        library.options.push(file);
        return { createContext: async (context) => (library.options.push(context), { getSequence: () => sequence }) };
      },
      dispose: async () => void (library.isReleased = true),
    };
  },
  LlamaChatSession: class {
    setChatHistory(history: LlamaTurn[]): void {
      library.history = history;
    }
    async promptWithMeta(prompt: string, options: { signal: AbortSignal; maxTokens?: number }) {
      library.prompts.push(prompt);
      library.maxTokens = options.maxTokens;
      const answer = await library.answer(options.signal);
      used = { usedInputTokens: used.usedInputTokens + 30, usedOutputTokens: used.usedOutputTokens + 4 };
      return answer;
    }
    dispose(): void {
      library.disposed += 1;
    }
  },
};
jest.unstable_mockModule('node-llama-cpp', () => doubled, { virtual: true });

const { createChatModel } = await import('#shared/llm/create-models.js');
const { llmEnv } = await import('#shared/llm/provider.config.js');

let model: RoutedChatModel;
let release: () => unknown;
beforeAll(async () => {
  const config = loadConfig(z.object(llmEnv), { LLM_LOCAL_MODEL: import.meta.filename, LLM_MAX_RETRIES: '0' });
  const defer = (_name: string, of: () => unknown): void => void (release = of);
  model = await createChatModel(config, { log: { warn: () => undefined }, defer });
});
const usual = library.answer;
beforeEach(() => {
  library.prompts.length = 0;
  library.answer = usual;
});
afterAll(async () => {
  await release?.();
});

const never = (): AbortSignal => new AbortController().signal;
const ask = (request: ChatRequest, signal = never()): Promise<Completion> => model.chat(request, { signal });
const user = (content: string): ChatRequest => ({ turns: [{ role: 'user', content }] });

describe('a GGUF file in process', () => {
  it('is loaded once, by what is there already: nothing is compiled', () => {
    expect(library.options).toEqual([
      { build: 'never', logLevel: 'error' },
      { modelPath: import.meta.filename },
      { contextSize: { max: 8_192 } },
    ]);
  });

  it('is shown the conversation, and answers with counted tokens, for nothing', async () => {
    const turns = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'One' },
      { role: 'assistant', content: 'Two' },
      { role: 'user', content: 'Three' },
    ] as const;
    expect(await ask({ turns, maxOutputTokens: 20 })).toMatchObject({
      text: 'Hola.',
      finishReason: 'stop',
      provider: 'local',
      model: expect.stringMatching(/^gguf\.test/),
      tokens: { in: 30, out: 4, estimated: false },
      costUsd: 0,
    });
    expect(library.history).toEqual([
      { type: 'system', text: 'Be brief.' },
      { type: 'user', text: 'One' },
      { type: 'model', response: ['Two'] },
    ]);
    expect(library.prompts).toEqual(['Three']);
    expect(library.maxTokens).toBe(20);
  });

  it('keeps nothing of a request for the next, whether it was answered or not', async () => {
    const before = { cleared: library.cleared, disposed: library.disposed };
    await ask(user('One'));
    library.answer = async () => Promise.reject(new Error('out of memory'));
    await expect(ask(user('Two'))).rejects.toMatchObject({ code: 'UPSTREAM_ERROR' });
    expect({ cleared: library.cleared, disposed: library.disposed }).toEqual({
      cleared: before.cleared + 2,
      disposed: before.disposed + 2,
    });
  });

  it.each([
    ['maxTokens', 'length'],
    ['stopGenerationTrigger', 'stop'],
    ['functionCalls', 'other'],
  ])('calls the ending %s %s', async (stopReason, expected) => {
    library.answer = async () => ({ responseText: 'Text', stopReason });
    expect((await ask(user('One'))).finishReason).toBe(expected);
  });

  it.each([
    ['eogToken', 'unusable'],
    ['maxTokens', 'refused'],
  ])('fails when it says nothing until %s, which is %s', async (stopReason, fault) => {
    library.answer = async () => ({ responseText: ' ', stopReason });
    await expect(ask(user('One'))).rejects.toMatchObject({ message: 'The model gave no answer.', fault });
  });

  it('answers one after the other; who leaves while waiting is answered at once, and never begun', async () => {
    const first = Promise.withResolvers<{ responseText: string; stopReason: string }>();
    library.answer = () => first.promise;
    const answered = ask(user('One'));
    const client = new AbortController();
    const left = ask(user('Two'), client.signal);
    client.abort();
    await expect(left).rejects.toMatchObject({ code: 'CLIENT_CLOSED_REQUEST' });
    library.answer = usual;
    first.resolve({ responseText: 'First.', stopReason: 'eogToken' });
    expect((await answered).text).toBe('First.');
    await ask(user('Three'));
    expect(library.prompts).toEqual(['One', 'Three']);
  });

  it('ends between two tokens when the client leaves', async () => {
    const begun = Promise.withResolvers<void>();
    library.answer = (signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
        begun.resolve();
      });
    const client = new AbortController();
    const left = ask(user('One'), client.signal);
    await begun.promise;
    client.abort();
    await expect(left).rejects.toMatchObject({ code: 'CLIENT_CLOSED_REQUEST' });
  });

  it('is released with the service', async () => {
    await release();
    expect(library.isReleased).toBe(true);
  });
});
