// cspell:words ioredis rediss valkey
import type { Redis } from 'ioredis';
import type { Logger } from '#shared/logging/logger.js';
import { answeredWithin } from '#shared/redis/answered-within.js';
import { mergeCharges } from './merge-charges.js';
import type { Charge, RateLimiter, Verdict } from './rate-limiter.port.js';
import { connectRedis, failureCode } from '#shared/redis/redis-connection.js';
import { SLIDING_LOG } from './sliding-log.lua.js';

export interface RedisRateLimiterOptions {
  /** `redis://` or `rediss://`, with user, password and database as they may be. */
  readonly url: string;
  readonly log: Logger;
  /**
   * What every key begins with. The braces put all keys into one slot, which a request over several budgets needs where
   * Redis is sharded. Default `llm-supergraph:{rate-limit}:`.
   */
  readonly keyPrefix?: string;
  /** Default 1000. */
  readonly connectTimeoutMs?: number;
  /** A shared budget is exact only as long as it is asked; see {@link answeredWithin}. Default 1000. */
  readonly commandTimeoutMs?: number;
}

interface SlidingLogCommand {
  slidingLog(keyCount: number, ...keysAndArguments: (string | number)[]): Promise<number[]>;
}

/**
 * Budgets in Redis 5 or later, or Valkey, shared by all that use it, on its clock. `consume` throws when Redis does not
 * decide in time, whatever the reason; an outage and its end are logged once each.
 */
export class RedisRateLimiter implements RateLimiter {
  readonly #redis: Redis & SlidingLogCommand;
  readonly #keyPrefix: string;
  readonly #commandMs: number;
  readonly #log: Logger;
  /** Until the first attempt to connect has ended, one way or the other. */
  #starting: Promise<void> | undefined;
  #away = false;

  constructor(options: RedisRateLimiterOptions) {
    const { url, log, keyPrefix = 'llm-supergraph:{rate-limit}:' } = options;
    const { connectTimeoutMs: connectMs = 1_000, commandTimeoutMs: commandMs = 1_000 } = options;
    this.#log = log;
    this.#keyPrefix = keyPrefix;
    this.#commandMs = commandMs;
    const redis = connectRedis(url, { connectMs, silentMs: commandMs * 4 });
    redis.defineCommand('slidingLog', { lua: SLIDING_LOG });
    redis.on('error', (error) => this.#failed(error));
    redis.on('ready', () => this.#answered());
    this.#redis = redis as Redis & SlidingLogCommand;
    this.#starting = new Promise<void>((resolve) => {
      for (const event of ['ready', 'close', 'end'] as const) redis.once(event, () => resolve());
    }).then(() => (this.#starting = undefined));
  }

  async consume(charges: readonly Charge[]): Promise<Verdict> {
    const merged = mergeCharges(charges);
    if (merged.length === 0) return { accepted: true, budgets: [] };
    // The first requests of a process would otherwise count as an outage; the connect timeout bounds the wait.
    if (this.#starting) await this.#starting;
    const keys = merged.map(({ key }) => this.#keyPrefix + key);
    const settings = merged.flatMap(({ limit, windowMs, cost }) => [limit, windowMs, cost]);
    try {
      const reply = await answeredWithin(this.#commandMs, this.#redis.slidingLog(keys.length, ...keys, ...settings));
      this.#answered();
      return verdictOf(reply, merged);
    } catch (error) {
      this.#failed(error);
      throw error;
    }
  }

  close(): void {
    this.#redis.disconnect();
  }

  #failed(error: unknown): void {
    if (this.#away) return;
    this.#away = true;
    this.#log.warn({ reason: failureCode(error) }, 'Redis does not answer: each process keeps rate limits by itself');
  }

  #answered(): void {
    if (!this.#away) return;
    this.#away = false;
    this.#log.info('Redis answers again: rate limits are shared');
  }
}

function verdictOf([retryAfterMs = 0, ...standings]: readonly number[], charges: readonly Charge[]): Verdict {
  const budgets = charges.map(({ key, limit, windowMs }, index) => {
    const [remaining = 0, resetMs = 0] = standings.slice(2 * index, 2 * index + 2);
    return { key, limit, windowMs, remaining, resetMs };
  });
  return retryAfterMs === 0 ? { accepted: true, budgets } : { accepted: false, budgets, retryAfterMs };
}
