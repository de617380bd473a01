import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Fallback } from '#shared/llm/fallback/fallback.js';
import { FallbackChatModel } from '#shared/llm/fallback/fallback-chat.js';
import { Prices } from '#shared/llm/prices/prices.js';
import { ProviderError } from '#shared/llm/provider-error.js';
import { ChatCompletionsModel } from '#shared/llm/providers/chat-completions.provider.js';
import { fails, isSilent, says, startProviderDouble, type ProviderDouble } from '../support/provider-double.js';
import { holdClock } from './held-clock.js';

const START = Date.parse('2026-03-01T12:00:00Z');
const AFTER_MS = 30_000;
const TURNS = [{ role: 'user', content: 'Hola' }] as const;

let double: ProviderDouble;
let chat: FallbackChatModel;
beforeAll(async () => {
  double = await startProviderDouble();
});
beforeEach(() => {
  // The library goes by the date; everything else keeps its own time.
  jest.useFakeTimers({
    now: START,
    doNotFake: [
      'hrtime',
      'nextTick',
      'performance',
      'queueMicrotask',
      'setImmediate',
      'clearImmediate',
      'setInterval',
      'clearInterval',
      'setTimeout',
      'clearTimeout',
    ],
  });
  double.reset();
  const { baseUrl } = double;
  const model = new ChatCompletionsModel({ provider: 'first', baseUrl, model: 'small', prices: new Prices() });
  const parts = { clock: holdClock(), log: { warn: () => undefined }, timeoutMs: 60_000, maxRetries: 0 };
  chat = new FallbackChatModel([model], new Fallback(parts), { maxInputChars: 1_000, maxOutputTokens: 50 });
});
afterEach(() => {
  jest.useRealTimers();
});
afterAll(() => double?.close());

/** How a call ended: `ok`, `skipped` or a code. */
async function outcome(more: { model?: string; signal?: AbortSignal } = {}): Promise<string | undefined> {
  const { signal = new AbortController().signal, ...request } = more;
  const { attempts } = await chat.chat({ turns: TURNS, ...request }, { signal }).catch((error: unknown) => {
    if (error instanceof ProviderError) return error;
    throw error;
  });
  return attempts?.at(-1)?.outcome;
}

async function failTimes(times: number, status = 500): Promise<void> {
  double.respond = fails(status);
  for (let time = 0; time < times; time += 1) await outcome();
}

describe('the circuit breaker of a model', () => {
  it('lets no call through after five failures in a row', async () => {
    await failTimes(5);
    expect(await outcome()).toBe('skipped');
    expect(double.calls).toHaveLength(5);
  });

  it('begins to count anew with every answer', async () => {
    await failTimes(4);
    double.respond = says('Yes.');
    expect(await outcome()).toBe('ok');
    await failTimes(4);
    expect(await outcome()).toBe('UPSTREAM_ERROR');
  });

  it('lets one call through after half a minute, and all when that is answered', async () => {
    await failTimes(5);
    jest.setSystemTime(START + AFTER_MS - 1);
    expect(await outcome()).toBe('skipped');
    jest.setSystemTime(START + AFTER_MS);
    double.respond = says('Yes.');
    expect([await outcome(), await outcome()]).toEqual(['ok', 'ok']);
  });

  it('waits as long again when that one fails', async () => {
    await failTimes(5);
    jest.setSystemTime(START + AFTER_MS);
    expect(await outcome()).toBe('UPSTREAM_ERROR');
    jest.setSystemTime(START + 2 * AFTER_MS - 1);
    expect(await outcome()).toBe('skipped');
    expect(double.calls).toHaveLength(6);
  });

  it('has no other call wait for the one on trial', async () => {
    await failTimes(5);
    jest.setSystemTime(START + AFTER_MS);
    double.respond = isSilent;
    const client = new AbortController();
    const trial = outcome({ signal: client.signal });
    await double.nextCall();
    expect(await outcome()).toBe('skipped');
    client.abort();
    expect(await trial).toBe('CLIENT_CLOSED_REQUEST');
  });

  it('learns nothing from a trial whose client left', async () => {
    await failTimes(5);
    jest.setSystemTime(START + AFTER_MS);
    double.respond = isSilent;
    const client = new AbortController();
    const trial = outcome({ signal: client.signal });
    await double.nextCall();
    client.abort();
    await trial;
    expect(await outcome()).toBe('skipped');
  });

  it.each([400, 404, 422])('does not count a %i: it is about the request', async (status) => {
    await failTimes(8, status);
    double.respond = says('Yes.');
    expect(await outcome()).toBe('ok');
  });

  it.each([401, 403, 429, 503])('counts a %i', async (status) => {
    await failTimes(5, status);
    expect(await outcome()).toBe('skipped');
  });

  it.each(['content_filter', 'length'])('does not count an empty answer that ended by %s', async (finish_reason) => {
    double.respond = says('', { choices: [{ index: 0, message: { role: 'assistant', content: '' }, finish_reason }] });
    for (let time = 0; time < 6; time += 1) await outcome();
    expect(double.calls).toHaveLength(6);
    double.respond = says('Yes.');
    expect(await outcome()).toBe('ok');
  });

  it('counts an empty answer that ended of itself', async () => {
    double.respond = says('');
    for (let time = 0; time < 5; time += 1) await outcome();
    expect(await outcome()).toBe('skipped');
  });

  it('does not count clients that leave', async () => {
    double.respond = isSilent;
    for (let time = 0; time < 6; time += 1) {
      const client = new AbortController();
      const left = outcome({ signal: client.signal });
      await double.nextCall();
      client.abort();
      await left;
    }
    double.respond = says('Yes.');
    expect(await outcome()).toBe('ok');
  });

  it('is that model’s alone', async () => {
    await failTimes(5);
    double.respond = says('Yes.');
    expect([await outcome(), await outcome({ model: 'other' })]).toEqual(['skipped', 'ok']);
  });

  it('tells a client no more than that the provider failed', async () => {
    await failTimes(5);
    const refused = chat.chat({ turns: TURNS }, { signal: new AbortController().signal });
    await expect(refused).rejects.toMatchObject({ code: 'UPSTREAM_ERROR', message: 'The model provider failed.' });
  });
});
