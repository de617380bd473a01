import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Charge, RateLimiter } from '#shared/rate-limit/rate-limiter.port.js';
import { redisAtHand } from '../support/redis-under-test.js';
import { acceptedOf, charge, memory, PER_MINUTE, redis, WINDOW_MS } from './limiter-under-test.js';

const adapters = [
  ['memory', memory, true],
  ['Redis', redis, redisAtHand()],
] as const;

describe.each(adapters)('a rate limiter on %s', (_, adapter, atHand) => {
  const test = atHand ? it : it.skip;
  let opened: Awaited<ReturnType<typeof adapter.open>> | undefined;
  let limiter: RateLimiter;

  beforeAll(async () => {
    if (!atHand) return;
    opened = await adapter.open();
    limiter = opened.limiter;
  });
  afterAll(() => opened?.close());

  test('accepts exactly 60 of 200 parallel requests', async () => {
    expect(await acceptedOf(200, 'user:1:chat', limiter)).toBe(60);
  });

  test('keeps the budgets of different keys apart, whatever is in a key', async () => {
    for (const key of ['user:2:chat', 'user:2:image', '{user}:2:chat', '', 'ñandú 🦙\n"\'', 'k'.repeat(5_000)])
      expect(await acceptedOf(70, key, limiter)).toBe(60);
  });

  test('says how a budget stands', async () => {
    const untouched = await limiter.consume([charge('stands', 61)]);
    expect(untouched.budgets).toEqual([
      { key: 'stands', limit: PER_MINUTE, windowMs: WINDOW_MS, remaining: 60, resetMs: 0 },
    ]);
    const [budget] = (await limiter.consume([charge('stands', 7)])).budgets;
    expect(budget!.remaining).toBe(53);
    expect(budget!.resetMs).toBeGreaterThan(0);
    expect(budget!.resetMs).toBeLessThanOrEqual(WINDOW_MS);
  });

  test('accepts the charges of one request together or not at all', async () => {
    await limiter.consume([charge('b', 60)]);
    const refused = await limiter.consume([charge('a', 5), charge('b'), charge('c', 5)]);
    expect(refused.accepted).toBe(false);
    expect(refused.budgets.map(({ key, remaining }) => [key, remaining])).toEqual([
      ['a', 60],
      ['b', 0],
      ['c', 60],
    ]);
    const accepted = await limiter.consume([charge('c', 60), charge('a', 60)]);
    expect(accepted.accepted).toBe(true);
    expect(accepted.budgets.map(({ key, remaining }) => [key, remaining])).toEqual([
      ['c', 0],
      ['a', 0],
    ]);
  });

  test('stays atomic when requests over several budgets come in parallel', async () => {
    const requests = Array.from({ length: 200 }, (_unused, n) => {
      const charges = [charge('left', 2), charge('right', 3)];
      return limiter.consume(n % 2 ? charges : charges.toReversed());
    });
    const accepted = (await Promise.all(requests)).filter((verdict) => verdict.accepted).length;
    expect(accepted).toBe(20);
    const { budgets } = await limiter.consume([charge('left', 61), charge('right', 61)]);
    expect(budgets.map(({ remaining }) => remaining)).toEqual([20, 0]);
  });

  test('adds up the charges of one key in a request', async () => {
    const twice = await limiter.consume([charge('twice', 40), charge('other'), charge('twice', 21)]);
    expect(twice.accepted).toBe(false);
    const verdict = await limiter.consume([charge('twice', 40), charge('other'), charge('twice', 20)]);
    expect(verdict.accepted).toBe(true);
    expect(verdict.budgets.map(({ key, remaining }) => [key, remaining])).toEqual([
      ['twice', 0],
      ['other', 59],
    ]);
  });

  test('refuses what costs more than the limit, for a window at a time, and counts nothing', async () => {
    const verdict = await limiter.consume([charge('dear', 61)]);
    expect(verdict).toMatchObject({ accepted: false, retryAfterMs: WINDOW_MS });
    expect(await limiter.consume([{ ...charge('none'), limit: 0 }])).toMatchObject({ retryAfterMs: WINDOW_MS });
    expect(await acceptedOf(61, 'dear', limiter)).toBe(60);
  });

  test('goes by the limit that a request comes with', async () => {
    await limiter.consume([charge('changing', 30)]);
    const lowered = await limiter.consume([{ ...charge('changing'), limit: 20 }]);
    expect(lowered).toMatchObject({ accepted: false, budgets: [{ limit: 20, remaining: 0 }] });
    const raised = await limiter.consume([{ ...charge('changing'), limit: 90 }]);
    expect(raised).toMatchObject({ accepted: true, budgets: [{ limit: 90, remaining: 59 }] });
  });

  test('accepts a request that costs nothing', async () => {
    expect(await limiter.consume([])).toEqual({ accepted: true, budgets: [] });
  });

  const senseless: Record<string, Charge[]> = {
    'a cost of 0': [charge('k', 0)],
    'half a charge': [charge('k', 0.5)],
    'a negative limit': [{ ...charge('k'), limit: -1 }],
    'no window': [{ ...charge('k'), windowMs: 0 }],
    'a cost that is no number': [charge('k', Number.NaN)],
    'two limits of one key': [charge('k'), { ...charge('k'), limit: 7 }],
    'two windows of one key': [charge('k'), { ...charge('k'), windowMs: 7 }],
  };
  test.each(Object.entries(senseless))('throws RangeError for %s', async (_name, charges) => {
    await expect(limiter.consume(charges)).rejects.toThrow(RangeError);
  });

  // However slow the machine: each was accepted between being sent and being answered, so these gaps can only look longer.
  test('lets a request in again when its wait is over, and never more than the limit in a window', async () => {
    const fast = { key: 'fast', limit: 3, windowMs: 40, cost: 1 };
    const accepted: { sentMs: number; answeredMs: number }[] = [];
    while (accepted.length < 18) {
      const sentMs = performance.now();
      const verdict = await limiter.consume([fast]);
      if (verdict.accepted) accepted.push({ sentMs, answeredMs: performance.now() });
      else expect(verdict.retryAfterMs).toBeGreaterThanOrEqual(1);
    }
    for (const [index, { sentMs }] of accepted.slice(0, -fast.limit).entries())
      expect(accepted[index + fast.limit]!.answeredMs - sentMs).toBeGreaterThanOrEqual(fast.windowMs - 0.1);
  });
});
