// cspell:words ioredis
import { setTimeout } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { Logger } from '#shared/logging/logger.js';
import { connectRedis, failureCode } from '#shared/redis/redis-connection.js';
import { StreamRefused } from '../stream-refused.js';

const CONNECT_MS = 1_000;
const COMMAND_MS = 2_000;
const RETRY_PAUSE_MS = 50;

/** The connection for all that does not block. An outage and its end are logged once each. */
export class RedisLine {
  readonly redis: Redis;
  readonly #log: Logger;
  /** Until the first attempt to connect has ended, one way or the other; calls fail at once before. */
  #starting = true;
  #closed = false;
  #away = false;

  constructor(
    url: string,
    log: Logger,
    private readonly retryMs: number,
  ) {
    this.#log = log;
    this.redis = connectRedis(url, {
      connectMs: CONNECT_MS,
      commandMs: COMMAND_MS,
      silentMs: COMMAND_MS * 4,
    });
    this.redis.on('error', (error) => this.#failed(error));
    this.redis.on('ready', () => this.#answered());
    for (const event of ['ready', 'close', 'end'] as const) this.redis.once(event, () => (this.#starting = false));
  }

  /** Calls again until it is answered. Throws StreamRefused when it has not been in time. */
  async persistently<T>(call: () => Promise<T>): Promise<T> {
    const deadline = performance.now() + this.retryMs;
    return this.#calling(call, () => performance.now() < deadline);
  }

  /** Calls again for as long as somebody wants the answer. Throws StreamRefused when nobody does any more. */
  async whileWanted<T>(call: () => Promise<T>, wanted: () => boolean): Promise<T> {
    return this.#calling(call, wanted);
  }

  close(): void {
    this.#closed = true;
    this.redis.disconnect();
  }

  async #calling<T>(call: () => Promise<T>, mayRepeat: () => boolean): Promise<T> {
    for (;;) {
      try {
        const reply = await call();
        this.#answered();
        return reply;
      } catch (error) {
        if (!this.#starting) this.#failed(error);
        if (this.#closed || !mayRepeat()) throw new StreamRefused('unreachable', { cause: error });
      }
      await setTimeout(RETRY_PAUSE_MS);
    }
  }

  #failed(error: unknown): void {
    if (this.#away || this.#closed) return;
    this.#away = true;
    this.#log.warn({ reason: failureCode(error) }, 'Redis does not answer: streams wait for it');
  }

  #answered(): void {
    if (!this.#away) return;
    this.#away = false;
    this.#log.info('Redis answers again: streams go on');
  }
}
