import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { MemoryRateLimiter } from '#shared/rate-limit/memory-rate-limiter.js';
import type { Charge, RateLimiter, Verdict } from '#shared/rate-limit/rate-limiter.port.js';
import { RedisRateLimiter } from '#shared/rate-limit/redis-rate-limiter.js';
import { RecordedLog } from './recorded-log.js';
import { RedisProcess, redisIsInstalled } from './redis-process.js';

export const PER_MINUTE = 60;
export const WINDOW_MS = 60_000;
/** Here a slow machine is no outage. */
const PATIENT_MS = 20_000;

/** One request for one budget of 60 a minute. */
export const charge = (key: string, cost = 1): Charge => ({ key, limit: PER_MINUTE, windowMs: WINDOW_MS, cost });

/** How many of so many parallel requests were accepted; they are dealt out to the limiters in turn. */
export async function acceptedOf(requests: number, key: string, ...limiters: RateLimiter[]): Promise<number> {
  const sent = Array.from({ length: requests }, (_, n): Promise<Verdict> =>
    limiters[n % limiters.length]!.consume([charge(key)]),
  );
  return (await Promise.all(sent)).filter(({ accepted }) => accepted).length;
}

/** Whether there is a Redis for the tests that need one; says so when there is none. */
export function redisAtHand({ ownProcess = false } = {}): boolean {
  if (redisIsInstalled() || (!ownProcess && process.env['REDIS_URL'])) return true;
  process.stderr.write('skipped on Redis: redis-server is not installed, and REDIS_URL names none\n');
  return false;
}

export interface RedisUnderTest {
  readonly url: string;
  readonly keyPrefix: string;
  /** To look into it, and to put things there. */
  readonly client: Redis;
  limiter(): RedisRateLimiter;
  stop(): Promise<void>;
}

/** A Redis, and a part of its keys that no other test has: the one that `REDIS_URL` names, or one of its own. */
export async function openRedis(): Promise<RedisUnderTest> {
  const named = process.env['REDIS_URL'];
  const own = named ? undefined : await RedisProcess.start();
  const url = own?.url ?? named!;
  const keyPrefix = `{test-${randomUUID()}}:`;
  const client = new Redis(url);
  const limiters: RedisRateLimiter[] = [];
  return {
    url,
    keyPrefix,
    client,
    limiter() {
      const { log } = new RecordedLog();
      const patience = { connectTimeoutMs: PATIENT_MS, commandTimeoutMs: PATIENT_MS };
      const limiter = new RedisRateLimiter({ url, log, keyPrefix, ...patience });
      limiters.push(limiter);
      return limiter;
    },
    async stop() {
      for (const limiter of limiters) limiter.close();
      await client.quit();
      await own?.stop();
    },
  };
}

export interface LimiterUnderTest {
  open(): Promise<{ limiter: RateLimiter; close(): Promise<void> }>;
}

export const memory: LimiterUnderTest = {
  open: async () => ({ limiter: new MemoryRateLimiter(), close: async () => undefined }),
};

export const redis: LimiterUnderTest = {
  async open() {
    const server = await openRedis();
    return { limiter: server.limiter(), close: () => server.stop() };
  },
};
