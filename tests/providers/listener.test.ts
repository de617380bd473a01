import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { attemptsOf } from '#shared/llm/failed-attempts.js';
import { Fallback } from '#shared/llm/fallback/fallback.js';
import { FallbackChatModel } from '#shared/llm/fallback/fallback-chat.js';
import { LocalChatModel } from '#shared/llm/local/local-chat.provider.js';
import type { ChatModel } from '#shared/llm/llm.port.js';
import { Prices } from '#shared/llm/prices/prices.js';
import { ChatCompletionsModel } from '#shared/llm/providers/chat-completions.provider.js';
import { StreamRefused } from '#shared/streams/stream-refused.js';
import { startStreamingProvider, type StreamingProvider } from '../chat/streaming-provider.js';
import { says } from '../support/provider-double.js';
import { holdClock } from './held-clock.js';

const TURNS = [{ role: 'user', content: 'Hola' }] as const;
const FAILURES_TO_OPEN = 5;

let provider: StreamingProvider;
let logged: string[];
let chat: FallbackChatModel;
beforeEach(async () => {
  provider = await startStreamingProvider();
  logged = [];
  const { baseUrl } = provider.double;
  const remote = new ChatCompletionsModel({ provider: 'first', baseUrl, model: 'small', prices: new Prices() });
  chat = chatBy([remote, new LocalChatModel({ now: () => new Date(0) })]);
});
afterEach(() => provider?.close());

function chatBy(models: readonly [ChatModel, ...ChatModel[]]): FallbackChatModel {
  const log = { warn: (_line: unknown, message?: string) => void logged.push(message ?? '') };
  const fallback = new Fallback({ clock: holdClock(), log, timeoutMs: 60_000, maxRetries: 2 });
  return new FallbackChatModel(models, fallback, { maxInputChars: 1_000, maxOutputTokens: 50 });
}

/** What a call ends with whose listener refuses the second piece, and what the listener was told. */
async function refusing(refused: unknown, model = chat): Promise<{ thrown: unknown; heard: string[] }> {
  const heard: string[] = [];
  const onDelta = async (text: string): Promise<void> => {
    if (heard.push(text) === 2) throw refused;
  };
  const call = model.chat({ turns: TURNS }, { signal: new AbortController().signal, onDelta });
  const thrown = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  return { thrown, heard };
}

async function refusedRemotely(refused: unknown): Promise<unknown> {
  const ended = refusing(refused);
  const answer = await provider.nextAnswer();
  answer.say('One ');
  answer.say('two ');
  const { thrown } = await ended;
  await answer.left;
  return thrown;
}

describe('a listener that refuses a piece of an answer', () => {
  it('ends the call with what it said, and nobody is asked again or instead', async () => {
    const refused = new StreamRefused('full');
    expect(await refusedRemotely(refused)).toBe(refused);
    expect(provider.double.calls).toHaveLength(1);
    expect(attemptsOf(refused).attempts).toEqual([
      { provider: 'first', model: 'small', outcome: 'SERVICE_UNAVAILABLE', latencyMs: 0 },
    ]);
    expect(logged).toEqual(['an answer could not be handed on']);
  });

  it('does not count against the provider', async () => {
    for (let time = 0; time < FAILURES_TO_OPEN; time += 1) await refusedRemotely(new Error('no room'));
    provider.double.respond = says('Here I am.');
    const answer = await chat.chat({ turns: TURNS }, { signal: new AbortController().signal });
    expect(answer).toMatchObject({ provider: 'first', text: 'Here I am.' });
  });

  it('ends an answer of the offline provider too', async () => {
    const refused = new StreamRefused('unreachable');
    const { thrown, heard } = await refusing(refused, chatBy([new LocalChatModel({ now: () => new Date(0) })]));
    expect(thrown).toBe(refused);
    expect(heard).toHaveLength(2);
  });
});
