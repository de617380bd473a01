import type { Logger } from '#shared/logging/logger.js';
import { MemoryRateLimiter } from './memory-rate-limiter.js';
import type { RateLimiter } from './rate-limiter.port.js';
import { RedisRateLimiter } from './redis-rate-limiter.js';
import { ResilientRateLimiter } from './resilient-rate-limiter.js';

export interface RateLimiterOptions {
  /** Absent: budgets are of this process alone. */
  readonly redisUrl: string | undefined;
  readonly log: Logger;
  /** Called with what releases the connection, right after it was opened. */
  defer(name: string, release: () => unknown): void;
}

/** The rate limiter of a process. It is usable at once, and never throws because of Redis. */
export function openRateLimiter({ redisUrl, log, defer }: RateLimiterOptions): RateLimiter {
  const local = new MemoryRateLimiter();
  if (redisUrl === undefined) return local;
  const shared = new RedisRateLimiter({ url: redisUrl, log });
  defer('rate limit connection', () => shared.close());
  return new ResilientRateLimiter({ shared, local });
}
