import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { redisAtHand, type RedisUnderTest } from '../support/redis-under-test.js';
import { acceptedOf, charge, RedisLimiters, WINDOW_MS } from './limiter-under-test.js';

const test = redisAtHand() ? it : it.skip;
const WINDOW_MICROS = WINDOW_MS * 1_000;

describe('budgets in Redis', () => {
  let limiters: RedisLimiters;
  let server: RedisUnderTest;

  beforeAll(async () => {
    if (!redisAtHand()) return;
    limiters = await RedisLimiters.start();
    ({ server } = limiters);
  });
  afterAll(() => limiters?.stop());

  const nowMicros = async (): Promise<number> => {
    const [seconds, micros] = await server.client.time();
    return Number(seconds) * 1_000_000 + Number(micros);
  };

  /** Puts accepted charges there, each so long ago. */
  const accepted = async (key: string, ...ages: number[]): Promise<void> => {
    const now = await nowMicros();
    for (const [n, age] of ages.entries()) await server.client.zadd(server.keyPrefix + key, now - age, `earlier ${n}`);
  };

  test('are shared by all limiters on it: exactly 60 of 200 parallel requests', async () => {
    expect(await acceptedOf(200, 'shared', limiters.limiter(), limiters.limiter())).toBe(60);
  });

  test('hold each charge once, and nothing for longer than the window and a second', async () => {
    const limiter = limiters.limiter();
    await limiter.consume([charge('kept', 7), charge('kept too')]);
    await acceptedOf(100, 'kept', limiter);
    expect(await server.client.zcard(`${server.keyPrefix}kept`)).toBe(60);
    for (const key of ['kept', 'kept too']) {
      const leftMs = await server.client.pttl(server.keyPrefix + key);
      expect(leftMs).toBeGreaterThan(0);
      expect(leftMs).toBeLessThanOrEqual(WINDOW_MS + 1_000);
    }
  });

  test('leave no key behind for a request that was refused', async () => {
    await limiters.limiter().consume([charge('refused', 61)]);
    expect(await server.client.exists(`${server.keyPrefix}refused`)).toBe(0);
  });

  test('go by the clock of Redis, to the microsecond', async () => {
    const before = await nowMicros();
    await accepted('aged', 20_000_000, 40_000_000, WINDOW_MICROS);
    const verdict = await limiters.limiter().consume([charge('aged', 59)]);
    const passedMs = ((await nowMicros()) - before) / 1_000;
    expect(verdict).toMatchObject({ accepted: false, budgets: [{ remaining: 58 }] });
    const waitMs = verdict.accepted ? 0 : verdict.retryAfterMs;
    expect(waitMs).toBe(verdict.budgets[0]!.resetMs);
    expect(waitMs).toBeLessThanOrEqual(20_000);
    expect(waitMs).toBeGreaterThanOrEqual(20_000 - passedMs);
  });

  test('hold also when the clock is set back', async () => {
    await accepted('from the future', -3_600_000_000);
    const limiter = limiters.limiter();
    expect(await acceptedOf(100, 'from the future', limiter)).toBe(59);
    expect(await server.client.zcard(`${server.keyPrefix}from the future`)).toBe(60);
    expect(await server.client.zrank(`${server.keyPrefix}from the future`, 'earlier 0')).toBe(0);
    const verdict = await limiter.consume([charge('from the future')]);
    expect(verdict).toMatchObject({ accepted: false, retryAfterMs: WINDOW_MS });
  });

  test('are found again when Redis has forgotten the script', async () => {
    const limiter = limiters.limiter();
    expect(await acceptedOf(10, 'forgotten', limiter)).toBe(10);
    await server.client.script('FLUSH');
    expect(await acceptedOf(100, 'forgotten', limiter)).toBe(50);
  });
});
