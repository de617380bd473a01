import { MemoryRateLimiter } from '#shared/rate-limit/memory-rate-limiter.js';
import type { Charge, RateLimiter, Verdict } from '#shared/rate-limit/rate-limiter.port.js';
import { RedisRateLimiter } from '#shared/rate-limit/redis-rate-limiter.js';
import { RecordedLog } from '../support/recorded-log.js';
import { openRedis, type RedisUnderTest } from '../support/redis-under-test.js';

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

/** Limiters on one Redis, for the time of a test. */
export class RedisLimiters {
  readonly #opened: RedisRateLimiter[] = [];

  private constructor(readonly server: RedisUnderTest) {}

  static async start(): Promise<RedisLimiters> {
    return new RedisLimiters(await openRedis());
  }

  limiter(): RedisRateLimiter {
    const { url, keyPrefix } = this.server;
    const { log } = new RecordedLog();
    const patience = { connectTimeoutMs: PATIENT_MS, commandTimeoutMs: PATIENT_MS };
    const limiter = new RedisRateLimiter({ url, log, keyPrefix, ...patience });
    this.#opened.push(limiter);
    return limiter;
  }

  async stop(): Promise<void> {
    for (const limiter of this.#opened) limiter.close();
    await this.server.stop();
  }
}

export interface LimiterUnderTest {
  open(): Promise<{ limiter: RateLimiter; close(): Promise<void> }>;
}

export const memory: LimiterUnderTest = {
  open: async () => ({ limiter: new MemoryRateLimiter(), close: async () => undefined }),
};

export const redis: LimiterUnderTest = {
  async open() {
    const limiters = await RedisLimiters.start();
    return { limiter: limiters.limiter(), close: () => limiters.stop() };
  },
};
