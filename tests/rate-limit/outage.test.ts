import { afterEach, describe, expect, it } from '@jest/globals';
import { setImmediate } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { anyFreePort } from '../../infra/local/ports.js';
import { MemoryRateLimiter } from '#shared/rate-limit/memory-rate-limiter.js';
import { openRateLimiter } from '#shared/rate-limit/open-rate-limiter.js';
import type { RateLimiter } from '#shared/rate-limit/rate-limiter.port.js';
import { RedisRateLimiter } from '#shared/rate-limit/redis-rate-limiter.js';
import { ResilientRateLimiter } from '#shared/rate-limit/resilient-rate-limiter.js';
import { redisAtHand } from '../support/redis-under-test.js';
import { acceptedOf, charge, WINDOW_MS } from './limiter-under-test.js';
import { TcpRelay } from '../support/tcp-relay.js';
import { RecordedLog } from '../support/recorded-log.js';
import { RedisProcess } from '../support/redis-process.js';

const test = redisAtHand({ ownProcess: true }) ? it : it.skip;
const AWAY = 'Redis does not answer: each process keeps rate limits by itself';
const BACK = 'Redis answers again: rate limits are shared';

const releases: (() => unknown)[] = [];
afterEach(async () => {
  for (const release of releases.splice(0).toReversed()) await release();
});

async function startRedis(options: { password?: string } = {}): Promise<RedisProcess> {
  const redis = await RedisProcess.start(options);
  releases.push(() => redis.stop());
  return redis;
}

interface Replica {
  readonly limiter: RateLimiter;
  readonly recorded: RecordedLog;
  /** Of this process; Redis has its own. */
  readonly clock: { ms: number };
}

function openReplica(url: string, commandTimeoutMs = 20_000): Replica {
  const recorded = new RecordedLog();
  const clock = { ms: 0 };
  const now = (): number => clock.ms;
  const shared = new RedisRateLimiter({ url, log: recorded.log, commandTimeoutMs });
  releases.push(() => shared.close());
  const limiter = new ResilientRateLimiter({ shared, local: new MemoryRateLimiter(now), now });
  return { limiter, recorded, clock };
}

function openDefault(redisUrl: string | undefined): { limiter: RateLimiter; recorded: RecordedLog; held: string[] } {
  const recorded = new RecordedLog();
  const held: string[] = [];
  const defer = (name: string, release: () => unknown): void => {
    held.push(name);
    releases.push(release);
  };
  return { limiter: openRateLimiter({ redisUrl, log: recorded.log, defer }), recorded, held };
}

describe('when Redis goes away', () => {
  test('the limit holds in this process, on what Redis has accepted for it too', async () => {
    const redis = await startRedis();
    const { limiter, clock } = openReplica(redis.url);
    expect(await acceptedOf(40, 'k', limiter)).toBe(40);
    await redis.kill();
    expect(await acceptedOf(200, 'k', limiter)).toBe(20);
    clock.ms += WINDOW_MS;
    expect(await acceptedOf(200, 'k', limiter)).toBe(60);
  });

  test('the limit holds for what was under way', async () => {
    const redis = await startRedis();
    const { limiter } = openReplica(redis.url);
    await limiter.consume([charge('other')]);
    const underWay = acceptedOf(200, 'k', limiter);
    await redis.kill();
    expect(await underWay).toBe(60);
    expect(await acceptedOf(10, 'k', limiter)).toBe(0);
  });

  test('a Redis that hangs costs one timeout and not one for each request', async () => {
    const redis = await startRedis();
    // So long that a hundred times of it would be longer than a test may take.
    const { limiter, recorded, clock } = openReplica(redis.url, 2_000);
    await acceptedOf(40, 'k', limiter);
    redis.pause();
    expect(await acceptedOf(200, 'k', limiter)).toBe(20);
    for (let n = 0; n < 100; n += 1) await limiter.consume([charge('k')]);
    redis.resume();
    while (recorded.messages.at(-1) !== BACK) {
      clock.ms += 1_000;
      await limiter.consume([charge('other')]);
      await setImmediate();
    }
    expect(recorded.messages.slice(0, 2)).toEqual([AWAY, BACK]);
  });

  test('a connection that went dead without a word is given up, and opened anew', async () => {
    const redis = await startRedis();
    const relay = await TcpRelay.to(redis.url);
    releases.push(() => relay.close());
    const { limiter, recorded } = openReplica(relay.url, 400);
    await limiter.consume([charge('k')]);
    relay.muted = true;
    const connected = relay.newConnection();
    expect(await acceptedOf(200, 'k', limiter)).toBe(59);
    await connected;
    relay.muted = false;
    while (recorded.messages.at(-1) !== BACK) await recorded.hasLines(recorded.lines.length + 1);
  });

  test('a Redis that answers with an error is away too', async () => {
    const redis = await startRedis();
    const client = new Redis(redis.url);
    releases.push(() => client.quit());
    await client.set('llm-supergraph:{rate-limit}:k', 'no sorted set');
    const { limiter, recorded } = openReplica(redis.url);
    expect(await acceptedOf(200, 'k', limiter)).toBe(60);
    expect(recorded.lines).toHaveLength(1);
    expect(JSON.parse(recorded.text)).toMatchObject({ level: 'warn', reason: 'WRONGTYPE', msg: AWAY });
  });

  test('replicas share their budgets again when it is back, and the log tells both once', async () => {
    const redis = await startRedis();
    const replicas = [openReplica(redis.url), openReplica(redis.url)];
    const limiters = replicas.map(({ limiter }) => limiter);
    expect(await acceptedOf(10, 'before', ...limiters)).toBe(10);
    await redis.kill();
    expect(await acceptedOf(400, 'meanwhile', ...limiters)).toBe(120);
    await redis.start();
    for (const { recorded, clock, limiter } of replicas) {
      await recorded.hasLines(2);
      clock.ms += 1_000;
      await limiter.consume([charge('first')]);
    }
    expect(await acceptedOf(200, 'after', ...limiters)).toBe(60);
    for (const { recorded } of replicas) expect(recorded.messages).toEqual([AWAY, BACK]);
  });

  test('the log never holds its address or its password', async () => {
    const redis = await startRedis({ password: 'very-secret' });
    const { limiter, recorded } = openReplica(redis.url);
    expect(await acceptedOf(200, 'k', limiter)).toBe(60);
    await redis.kill();
    await acceptedOf(10, 'k', limiter);
    const wrong = openReplica(redis.url.replace('very-secret', 'wrong-secret'));
    await wrong.limiter.consume([charge('k')]);
    await redis.start();
    await recorded.hasLines(2);
    const wrongToo = openReplica(redis.url.replace('very-secret', 'wrong-secret'));
    expect(await acceptedOf(200, 'k', wrongToo.limiter)).toBe(60);
    expect(JSON.parse(wrongToo.recorded.text)).toMatchObject({ reason: 'WRONGPASS', msg: AWAY });
    for (const { text } of [recorded, wrong.recorded, wrongToo.recorded])
      expect(text).not.toMatch(new RegExp(`secret|redis:|127\\.0\\.0\\.1|${redis.port}`));
  });
});

describe('openRateLimiter', () => {
  it('keeps budgets in memory without a URL, and holds nothing that must be released', async () => {
    const { limiter, recorded, held } = openDefault(undefined);
    expect(await acceptedOf(200, 'k', limiter)).toBe(60);
    expect([...held, ...recorded.lines]).toEqual([]);
  });

  it('decides from the first request on when nothing is where the URL leads', async () => {
    const { limiter, recorded, held } = openDefault(`redis://127.0.0.1:${await anyFreePort()}`);
    expect(await acceptedOf(200, 'k', limiter)).toBe(60);
    expect(recorded.messages).toEqual([AWAY]);
    expect(held).toHaveLength(1);
  });

  test('shares budgets from the first request on when Redis is there', async () => {
    const redis = await startRedis();
    const replicas = [openDefault(redis.url), openDefault(redis.url)];
    const accepted = await acceptedOf(200, 'k', ...replicas.map(({ limiter }) => limiter));
    // On a machine too slow to keep the timeout, each of them decides by itself, and says so.
    const shared = replicas.every(({ recorded }) => recorded.lines.length === 0);
    expect(accepted).toBeGreaterThanOrEqual(60);
    expect(accepted).toBeLessThanOrEqual(shared ? 60 : 120);
  });
});
