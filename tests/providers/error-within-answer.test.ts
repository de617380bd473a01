import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Fallback } from '#shared/llm/fallback/fallback.js';
import { FallbackChatModel } from '#shared/llm/fallback/fallback-chat.js';
import type { CallOptions, Completion } from '#shared/llm/llm.port.js';
import { Prices } from '#shared/llm/prices/prices.js';
import { ChatCompletionsModel } from '#shared/llm/providers/chat-completions.provider.js';
import { INTERNALS, inTurn, sends, startProviderDouble, type ProviderDouble } from '../support/provider-double.js';
import { holdClock } from './held-clock.js';
import { failureOf } from './thrown.js';

const TURNS = [{ role: 'user', content: 'Hola' }] as const;
const prices = new Prices({ paid: { '*': { input: 1, output: 2 } } });

let double: ProviderDouble;
beforeAll(async () => {
  double = await startProviderDouble();
});
beforeEach(() => double.reset());
afterAll(() => double?.close());

const stream = (...events: readonly object[]) =>
  sends(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''), 'text/event-stream');
const piece = (delta: object, more: object = {}) => ({ choices: [{ index: 0, delta }], ...more });
const failure = (more: object) => ({ error: { message: INTERNALS, ...more } });
const ended = { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage: { prompt_tokens: 1 } };

const heard = async (): Promise<void> => undefined;
function chat(options: Partial<CallOptions> = { onDelta: heard }): Promise<Completion> {
  const model = new ChatCompletionsModel({ provider: 'paid', baseUrl: double.baseUrl, model: 'm', prices });
  const parts = { clock: holdClock(), log: { warn: () => undefined }, timeoutMs: 60_000, maxRetries: 1 };
  const limits = { maxInputChars: 1_000, maxOutputTokens: 50 };
  const routed = new FallbackChatModel([model], new Fallback(parts), limits);
  return routed.chat({ turns: TURNS }, { signal: new AbortController().signal, ...options });
}

describe('an error instead of a streamed answer, below a status of 200', () => {
  it.each([
    ['a number', failure({ code: 429 }), 'RATE_LIMITED', 429],
    ['digits', failure({ code: '429' }), 'RATE_LIMITED', 429],
    ['a number without words', { error: { code: 503 } }, 'UPSTREAM_ERROR', 503],
    ['a number in `status`', { error: { status: 503 } }, 'UPSTREAM_ERROR', 503],
    ['a number beside an empty choice', piece({ content: '' }, failure({ code: 502 })), 'UPSTREAM_ERROR', 502],
  ])('is as good as that status, where its code is %s: tried again, and free', async (_case, event, code, status) => {
    double.respond = stream(event);
    const error = await failureOf(chat());
    expect(error).toMatchObject({ code, status, fault: 'transient', spent: undefined });
    expect(error.attempts).toMatchObject([{ status }, { status }]);
    expect(JSON.stringify([error.message, String(error.cause)])).not.toContain(INTERNALS);
  });

  it('is tried again until there is an answer', async () => {
    double.respond = inTurn(stream(failure({ code: 429 })), stream(piece({ content: 'Here I am.' }), ended));
    expect(await chat()).toMatchObject({ text: 'Here I am.', attempts: [{ status: 429 }, { outcome: 'ok' }] });
  });

  it('is about the request where its code says so', async () => {
    double.respond = stream(failure({ code: 400 }));
    expect(await failureOf(chat())).toMatchObject({ fault: 'refused', status: 400, spent: undefined });
    expect(double.calls).toHaveLength(1);
  });

  it.each([
    ['its code is a word', [failure({ code: 'server_error' })]],
    ['its code is no status of an error', [failure({ code: 200 })]],
    ['text came before it', [piece({ content: 'Some words' }), failure({ code: 429 })]],
    ['the model had thought before it', [piece({ reasoning_content: 'Hm.' }), failure({ code: 429 })]],
  ])('has cost nobody knows what, and is not tried again, where %s', async (_case, events) => {
    double.respond = stream(...events);
    expect(await failureOf(chat())).toMatchObject({ fault: 'unusable', status: undefined, spent: { costUsd: null } });
    expect(double.calls).toHaveLength(1);
  });
});

describe('an error instead of a whole answer, below a status of 200', () => {
  it('is as good as the status that is its code', async () => {
    double.respond = sends(JSON.stringify(failure({ code: 429 })));
    expect(await failureOf(chat({}))).toMatchObject({ code: 'RATE_LIMITED', status: 429, spent: undefined });
    expect(double.calls).toHaveLength(2);
  });

  it('has cost nobody knows what where it has no such code', async () => {
    double.respond = sends(JSON.stringify(failure({ type: 'server_error' })));
    expect(await failureOf(chat({}))).toMatchObject({ fault: 'unusable', spent: { costUsd: null } });
  });
});
