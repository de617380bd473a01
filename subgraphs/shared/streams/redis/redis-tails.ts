// cspell:words ioredis
import type { Redis } from 'ioredis';
import type { Logger } from '#shared/logging/logger.js';
import { connectRedis, failureCode } from '#shared/redis/redis-connection.js';
import { publishedEntry } from './logged-entry.js';
import type { Reader } from '../reader.js';
import type { StreamCommands, StreamState } from './stream-commands.js';
import { Tail } from './tail.js';

const CONNECT_MS = 1_000;
/** Who begins to read waits for so long at most. */
const COMMAND_MS = 1_000;

/**
 * The newest entries of all streams that are read in this process, as they are published, over one connection. Redis publishes
 * once and keeps nothing: what does not arrive is noticed by comparing with how the stream stands, and read from its log. Where
 * nothing is published to this process, by the rights of its user for example, streams come with each {@link tick}.
 */
export class RedisTails {
  readonly #tails = new Map<string, Tail>();
  readonly #redis: Redis;
  /** Why nothing was heard of a stream when it was last tried. */
  #reason = 'unknown';
  /** Ticks in a row at which some stream was not heard of although Redis answered. */
  #deafTicks = 0;

  constructor(
    url: string,
    private readonly commands: StreamCommands,
    private readonly log: Logger,
  ) {
    this.#redis = connectRedis(url, {
      connectMs: CONNECT_MS,
      commandMs: COMMAND_MS,
      silentMs: COMMAND_MS * 4,
    });
    // The other connection tells of outages of Redis itself.
    this.#redis.on('error', (error) => (this.#reason = failureCode(error)));
    this.#redis.on('close', () => {
      for (const tail of this.#tails.values()) tail.isHeard = false;
    });
    this.#redis.on('message', (channel: string, message: string) => {
      this.#tails.get(this.commands.idOf(channel))?.accept(publishedEntry(message));
    });
    this.#redis.on('ready', () => void this.#resume());
  }

  /** The streams with readers in this process. */
  get ids(): string[] {
    return [...this.#tails.keys()];
  }

  /** What they take in memory, in bytes. */
  get bytes(): number {
    let bytes = 0;
    for (const tail of this.#tails.values()) bytes += tail.bytes;
    return bytes;
  }

  /** The tail of a stream, for as long as the reader stays. It is to be {@link subscribe}d to, then {@link compare}d. */
  attach(id: string, reader: Reader): Tail {
    const tail = this.#tails.get(id) ?? new Tail();
    this.#tails.set(id, tail);
    tail.readers.add(reader);
    reader.onLeave(() => {
      tail.readers.delete(reader);
      if (tail.readers.size > 0) return;
      this.#tails.delete(id);
      this.#redis.unsubscribe(this.commands.logKey(id)).catch(() => undefined);
    });
    return tail;
  }

  /** Resolves when all that is published of a stream from now on comes here, or when that cannot be: each tick tries again. */
  async subscribe(id: string): Promise<void> {
    try {
      await this.#redis.subscribe(this.commands.logKey(id));
      const tail = this.#tails.get(id);
      if (tail) tail.isHeard = true;
    } catch (error) {
      this.#reason = failureCode(error);
    }
  }

  /** Finds out how all streams stand, and says to Redis that they are read. */
  async tick(): Promise<void> {
    await Promise.all([this.#redis.ping().catch(() => this.#reconnect()), this.#subscribeAgain()]);
    const areThere = await this.#compareAll();
    if (areThere) this.#tellWhetherHeard();
  }

  close(): void {
    for (const tail of this.#tails.values()) tail.compare(null);
    this.#redis.disconnect();
  }

  /** After a new connection: nothing that was published in between has come. */
  async #resume(): Promise<void> {
    await this.#subscribeAgain();
    await this.#compareAll();
  }

  async #subscribeAgain(): Promise<void> {
    const unheard = [...this.#tails].filter(([, { isHeard }]) => !isHeard);
    await Promise.all(unheard.map(([id]) => this.subscribe(id)));
  }

  /** Whether Redis has answered for all. */
  async #compareAll(): Promise<boolean> {
    const compared = await Promise.all(this.ids.map((id) => this.#compare(id)));
    return compared.every(Boolean);
  }

  async #compare(id: string): Promise<boolean> {
    const state: StreamState | null | undefined = await this.commands.attend(id).catch(() => undefined);
    if (state !== undefined) this.#tails.get(id)?.compare(state);
    return state !== undefined;
  }

  /** Once is nothing: the connection may just be being opened anew. */
  #tellWhetherHeard(): void {
    const isDeaf = this.#tails.values().some(({ isHeard }) => !isHeard);
    if (isDeaf) {
      this.#deafTicks += 1;
      if (this.#deafTicks === 2)
        this.log.warn({ reason: this.#reason }, 'Redis publishes nothing to this process: streams are slow');
    } else {
      if (this.#deafTicks > 1) this.log.info('Redis publishes to this process again: streams are as fast as before');
      this.#deafTicks = 0;
    }
  }

  /** A connection that does not answer may have gone dead without a word. */
  #reconnect(): void {
    if (this.#redis.status === 'ready') this.#redis.disconnect(true);
  }
}
