// cspell:words ioredis
import { setTimeout } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { connectRedis } from '#shared/redis/redis-connection.js';
import { publishedEntry } from './logged-entry.js';
import type { Reader } from '../reader.js';
import type { StreamCommands, StreamState } from './stream-commands.js';
import { Tail } from './tail.js';

const CONNECT_MS = 1_000;
const COMMAND_MS = 2_000;
const RETRY_PAUSE_MS = 50;

/**
 * The newest entries of all streams that are read in this process, as they are published, over one connection. Redis publishes
 * once and keeps nothing: what does not arrive is noticed by comparing with how the stream stands, and read from its log.
 */
export class RedisTails {
  readonly #tails = new Map<string, Tail>();
  readonly #redis: Redis;
  #closed = false;

  constructor(
    url: string,
    private readonly commands: StreamCommands,
  ) {
    this.#redis = connectRedis(url, {
      connectMs: CONNECT_MS,
      commandMs: COMMAND_MS,
      silentMs: COMMAND_MS * 4,
    });
    // The other connection tells of outages.
    this.#redis.on('error', () => undefined);
    this.#redis.on('message', (channel: string, message: string) => {
      this.#tails.get(this.commands.idOf(channel))?.accept(publishedEntry(message));
    });
    this.#redis.on('ready', () => void this.#resume().catch(() => this.#reconnect()));
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

  /** Resolves when all that is published of a stream from now on comes here, or when nobody wants it any more. */
  async subscribe(id: string, wanted: () => boolean): Promise<void> {
    while (wanted() && !this.#closed) {
      try {
        await this.#redis.subscribe(this.commands.logKey(id));
        return;
      } catch {
        await setTimeout(RETRY_PAUSE_MS);
      }
    }
  }

  /** Finds out how all streams stand. Says to Redis that they are read, and that this process hears of them. */
  async tick(): Promise<void> {
    await Promise.all([this.#redis.ping().catch(() => this.#reconnect()), this.#compareAll()]);
  }

  close(): void {
    this.#closed = true;
    for (const tail of this.#tails.values()) tail.compare(null);
    this.#redis.disconnect();
  }

  /** After a new connection: nothing that was published in between has come. */
  async #resume(): Promise<void> {
    if (this.#tails.size === 0) return;
    await this.#redis.subscribe(...this.ids.map((id) => this.commands.logKey(id)));
    await this.#compareAll();
  }

  async #compareAll(): Promise<void> {
    await Promise.all(this.ids.map((id) => this.#compare(id)));
  }

  async #compare(id: string): Promise<void> {
    const state: StreamState | null | undefined = await this.commands.attend(id).catch(() => undefined);
    if (state !== undefined) this.#tails.get(id)?.compare(state);
  }

  /** A connection that does not answer may have gone dead without a word. */
  #reconnect(): void {
    if (this.#redis.status === 'ready') this.#redis.disconnect(true);
  }
}
