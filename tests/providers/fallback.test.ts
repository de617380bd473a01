import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Attempt } from '#shared/llm/attempt.js';
import { Fallback } from '#shared/llm/fallback/fallback.js';
import { FallbackChatModel } from '#shared/llm/fallback/fallback-chat.js';
import { LocalChatModel } from '#shared/llm/local/local-chat.provider.js';
import type { ChatModel, Completion } from '#shared/llm/llm.port.js';
import { Prices } from '#shared/llm/prices/prices.js';
import { ChatCompletionsModel } from '#shared/llm/providers/chat-completions.provider.js';
import {
  breaksOff,
  fails,
  floods,
  inTurn,
  isSilent,
  says,
  sends,
  startProviderDouble,
  type ProviderDouble,
  type Respond,
} from '../support/provider-double.js';
import { holdClock, type HeldClock } from './held-clock.js';
import { failureOf } from './thrown.js';

let first: ProviderDouble;
let second: ProviderDouble;
let clock: HeldClock;
beforeAll(async () => {
  [first, second] = await Promise.all([startProviderDouble(), startProviderDouble()]);
});
beforeEach(() => {
  first.reset();
  second.reset();
  second.respond = says('From the second.');
  clock = holdClock();
});
afterAll(() => {
  first?.close();
  second?.close();
});

const TURNS = [{ role: 'user', content: 'Hola' }] as const;
const TIMEOUT_MS = 60_000;
const never = (): AbortSignal => new AbortController().signal;

function remote(double: ProviderDouble, provider: string, model: string): ChatCompletionsModel {
  return new ChatCompletionsModel({ provider, baseUrl: double.baseUrl, model, prices: new Prices() });
}

const one = (): [ChatModel] => [remote(first, 'first', 'small')];
const two = (): [ChatModel, ChatModel] => [...one(), remote(second, 'second', 'large')];
const local = (): ChatModel => new LocalChatModel({ now: () => new Date(0) });

function chatBy(models: readonly [ChatModel, ...ChatModel[]], maxRetries = 2): FallbackChatModel {
  const fallback = new Fallback({ clock, log: { warn: () => undefined }, timeoutMs: TIMEOUT_MS, maxRetries });
  return new FallbackChatModel(models, fallback, { maxInputChars: 1_000, maxOutputTokens: 50 });
}

const ask = (model: FallbackChatModel, signal = never()): Promise<Completion> =>
  model.chat({ turns: TURNS }, { signal });

const brief = (attempts: readonly Attempt[] | undefined): string[] =>
  (attempts ?? []).map(({ provider, model, outcome, status = '' }) =>
    `${provider}/${model} ${outcome} ${status}`.trim(),
  );

describe('one provider', () => {
  it('is asked once, with all the time there is, when it answers', async () => {
    const { attempts } = await ask(chatBy(one()));
    expect(attempts).toEqual([{ provider: 'first', model: 'small', outcome: 'ok', latencyMs: 0 }]);
    expect(clock.times).toEqual([TIMEOUT_MS]);
  });

  it.each<[string, Respond]>([
    ['a 408', fails(408)],
    ['a 429', fails(429)],
    ['a 500', fails(500)],
    ['a 503', fails(503)],
    ['a lost connection', (_call, response) => response.destroy()],
    ['an answer that broke off', breaksOff],
  ])('is asked again after %s', async (_case, failure) => {
    first.respond = inTurn(failure, says('At last.'));
    const { text, attempts } = await ask(chatBy(one()));
    expect(text).toBe('At last.');
    expect(attempts?.map(({ outcome }) => outcome === 'ok')).toEqual([false, true]);
  });

  it.each<[string, Respond]>([
    ['a 400', fails(400)],
    ['a 401', fails(401)],
    ['a 404', fails(404)],
    ['a 409', fails(409)],
    ['a 422', fails(422)],
    ['garbage', sends('<<<')],
    ['a web page', sends('<html></html>', 'text/html')],
    ['more than is read', floods],
    ['nothing', says('')],
  ])('is not asked again after %s', async (_case, failure) => {
    first.respond = failure;
    const { attempts } = await failureOf(ask(chatBy(one())));
    expect(attempts).toHaveLength(1);
    expect(first.calls).toHaveLength(1);
  });

  it('is given time between, twice as much each time, half of it by chance', async () => {
    first.respond = fails(500);
    const { code, attempts } = await failureOf(ask(chatBy(one(), 4)));
    expect(code).toBe('UPSTREAM_ERROR');
    expect(clock.pauses).toEqual([375, 750, 1_500, 3_000]);
    expect(brief(attempts)).toEqual(Array.from({ length: 5 }, () => 'first/small UPSTREAM_ERROR 500'));
  });

  it('is given the time it asks for, in seconds', async () => {
    first.respond = inTurn(fails(429, { 'retry-after': '7' }), fails(503, { 'retry-after': '0' }), says('Yes.'));
    await ask(chatBy(one()));
    expect(clock.pauses).toEqual([7_000, 0]);
  });

  it('is given the time it asks for, as a date', async () => {
    const tenSeconds = new Date(Date.now() + 10_000).toUTCString();
    first.respond = inTurn(fails(429, { 'retry-after': tenSeconds }), says('Yes.'));
    await ask(chatBy(one()));
    const [pause] = clock.pauses;
    expect(pause).toBeGreaterThan(0);
    expect(pause).toBeLessThanOrEqual(10_000);
  });

  it('is not waited for longer than the deadline allows: the answer is that it is busy, at once', async () => {
    first.respond = fails(429, { 'retry-after': '61' });
    const { code, attempts } = await failureOf(ask(chatBy(one())));
    expect(code).toBe('RATE_LIMITED');
    expect(brief(attempts)).toEqual(['first/small RATE_LIMITED 429']);
    expect(clock.pauses).toEqual([]);
  });

  it('shares one deadline among its tries', async () => {
    first.respond = fails(503, { 'retry-after': '25' });
    await failureOf(ask(chatBy(one(), 9)));
    expect(clock.times).toEqual([60_000, 35_000, 10_000]);
  });

  it('is not sent more text than it may be, nor asked for more', async () => {
    const model = chatBy(one());
    const long = model.chat({ turns: [{ role: 'user', content: 'x'.repeat(1_001) }] }, { signal: never() });
    await expect(long).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    await model.chat({ turns: TURNS, maxOutputTokens: 999 }, { signal: never() });
    expect(first.calls.map(({ body }) => body['max_tokens'])).toEqual([50]);
  });
});

describe('several providers', () => {
  it('are asked in their order, and the answer says whose it is', async () => {
    first.respond = fails(500);
    const { provider, model, text, attempts } = await ask(chatBy(two(), 1));
    expect({ provider, model, text }).toEqual({ provider: 'second', model: 'large', text: 'From the second.' });
    expect(brief(attempts)).toEqual([
      'first/small UPSTREAM_ERROR 500',
      'first/small UPSTREAM_ERROR 500',
      'second/large ok',
    ]);
  });

  it.each<[string, Respond, string]>([
    ['refuses', fails(400), 'first/small UPSTREAM_ERROR 400'],
    ['knows no such key', fails(401), 'first/small UPSTREAM_ERROR 401'],
    ['sends garbage', sends('<<<'), 'first/small UPSTREAM_ERROR'],
    ['would have us wait', fails(429, { 'retry-after': '3' }), 'first/small RATE_LIMITED 429'],
  ])('are asked at once when the first %s', async (_case, failure, attempt) => {
    first.respond = failure;
    const { attempts } = await ask(chatBy(two()));
    expect(brief(attempts)).toEqual([attempt, 'second/large ok']);
    expect(clock.pauses).toEqual([]);
  });

  it('leave time for each other: a silent one has its share of the deadline, the next one the rest', async () => {
    first.respond = isSilent;
    const answer = ask(chatBy(two()));
    await first.nextCall();
    clock.expire();
    expect(brief((await answer).attempts)).toEqual(['first/small UPSTREAM_TIMEOUT', 'second/large ok']);
    expect(clock.times).toEqual([30_000, 30_000]);
    await first.calls[0]!.closed;
  });

  it('leave little to one that answers at once', async () => {
    first.respond = fails(400);
    const { provider, attempts } = await ask(chatBy([...one(), local()]));
    expect(provider).toBe('local');
    expect(brief(attempts)).toEqual(['first/small UPSTREAM_ERROR 400', 'local/offline-responder ok']);
    expect(clock.times).toEqual([54_545, 60_000]);
  });

  it('fail as the last of them did, and say what was tried', async () => {
    first.respond = fails(500);
    second.respond = fails(429, { 'retry-after': '90' });
    const { code, attempts } = await failureOf(ask(chatBy(two(), 0)));
    expect(code).toBe('RATE_LIMITED');
    expect(brief(attempts)).toEqual(['first/small UPSTREAM_ERROR 500', 'second/large RATE_LIMITED 429']);
  });

  it('keep to a deadline that is shorter than the usual one', async () => {
    await chatBy(two()).chat({ turns: TURNS }, { signal: never(), deadlineAt: clock.now() + 1_000 });
    expect(clock.times).toEqual([500]);
  });
});

describe('a client that leaves', () => {
  it.each<[string, Respond]>([
    ['a provider works', isSilent],
    ['a provider has begun to answer', (_call, response) => response.writeHead(200).write('{')],
  ])('ends everything while %s: nobody else is asked', async (_case, respond) => {
    first.respond = respond;
    const client = new AbortController();
    const failed = failureOf(ask(chatBy(two()), client.signal));
    const { closed } = await first.nextCall();
    client.abort();
    const { code, attempts } = await failed;
    expect(code).toBe('CLIENT_CLOSED_REQUEST');
    expect(brief(attempts)).toEqual(['first/small CLIENT_CLOSED_REQUEST']);
    await closed;
    expect(second.calls).toEqual([]);
  });

  it('ends it while there is a pause', async () => {
    const client = new AbortController();
    first.respond = (call, response) => {
      client.abort();
      return fails(500)(call, response);
    };
    const { code } = await failureOf(ask(chatBy(two()), client.signal));
    expect(code).toBe('CLIENT_CLOSED_REQUEST');
    expect(first.calls).toHaveLength(1);
    expect(second.calls).toEqual([]);
  });

  it('has nobody asked when it left before', async () => {
    const { code } = await failureOf(ask(chatBy(two()), AbortSignal.abort()));
    expect(code).toBe('CLIENT_CLOSED_REQUEST');
    expect([first.calls, second.calls]).toEqual([[], []]);
  });
});

describe('a deadline that passes', () => {
  it('ends it with the provider that is being asked', async () => {
    first.respond = isSilent;
    const whole = new AbortController();
    const failed = failureOf(ask(chatBy(two()), whole.signal));
    await first.nextCall();
    whole.abort(new DOMException('The time is over.', 'TimeoutError'));
    const { code, attempts } = await failed;
    expect(code).toBe('UPSTREAM_TIMEOUT');
    expect(brief(attempts)).toEqual(['first/small UPSTREAM_TIMEOUT']);
    expect(second.calls).toEqual([]);
  });
});

describe('a model that the client names', () => {
  it.each([
    ['other', 'first', 'other'],
    ['openai/gpt-4.1', 'first', 'openai/gpt-4.1'],
    ['second/huge', 'second', 'huge'],
    ['second/openai/gpt-4.1', 'second', 'openai/gpt-4.1'],
    ['local/anything', 'local', 'offline-responder'],
  ])('%s is a model of %s’s', async (named, provider, model) => {
    const chat = chatBy([...two(), local()]);
    expect(chat.addresseeOf(named)).toEqual({ provider, model, isAlone: true });
    const answer = await chat.chat({ turns: TURNS, model: named }, { signal: never() });
    expect(answer).toMatchObject({ provider, model });
  });

  it('is asked with others behind it where it is left to the platform, and there are any', () => {
    expect(chatBy([local(), ...two()]).addresseeOf()).toMatchObject({ provider: 'local', isAlone: false });
    expect(chatBy([local()]).addresseeOf()).toMatchObject({ provider: 'local', isAlone: true });
  });

  it('is asked alone: no other model answers in its place', async () => {
    first.respond = fails(404);
    const answer = chatBy(two()).chat({ turns: TURNS, model: 'nonsense' }, { signal: never() });
    const { code, attempts } = await failureOf(answer);
    expect(code).toBe('UPSTREAM_ERROR');
    expect(brief(attempts)).toEqual(['first/nonsense UPSTREAM_ERROR 404']);
    expect(second.calls).toEqual([]);
  });
});
