// cspell:words ioredis xread
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { connectRedis } from '#shared/rate-limit/redis-connection.js';
import { entriesOf, type RawEntry } from './logged-entry.js';
import type { Reader } from './reader.js';
import { PAGE_ENTRIES, type StreamCommands, type StreamState } from './stream-commands.js';
import { Tail } from './tail.js';

/** How long Redis holds a call without news. */
const BLOCK_MS = 2_000;
const SLACK_MS = 2_000;
const CONNECT_MS = 1_000;
const RETRY_PAUSE_MS = 50;

/**
 * All streams that are read in this process, over one blocking connection, opened when the first of them is. A call names
 * every stream that somebody waits for; a stream that is added meanwhile ends the call through a key of this process' own.
 */
export class RedisTails {
  readonly #tails = new Map<string, Tail>();
  readonly #name = randomUUID();
  #redis: Redis | undefined;
  #running = false;
  /** Whether a call is under way that has not been told to end. */
  #blocked = false;
  #wakeId = '0-0';
  #closed = false;

  constructor(
    private readonly url: string,
    private readonly commands: StreamCommands,
  ) {}

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

  attach(id: string, reader: Reader, state: StreamState): Tail {
    const tail = this.#tails.get(id) ?? new Tail(state);
    this.#tails.set(id, tail);
    tail.readers.add(reader);
    reader.onLeave(() => {
      tail.readers.delete(reader);
      if (tail.readers.size === 0) this.#tails.delete(id);
    });
    return tail;
  }

  compare(id: string, state: StreamState | null): void {
    this.#tails.get(id)?.compare(state);
  }

  /** Sees to it that what comes next is fetched. */
  arm(tail: Tail): void {
    if (tail.armed) return;
    tail.armed = true;
    if (!this.#running) void this.#run();
    else if (this.#blocked) this.#endCall();
  }

  close(): void {
    this.#closed = true;
    for (const tail of this.#tails.values()) tail.compare(null);
    this.#redis?.disconnect();
  }

  #endCall(): void {
    this.#blocked = false;
    // A call that does not hear of it ends by itself soon.
    this.commands.wake(this.#wakeKey).catch(() => undefined);
  }

  async #run(): Promise<void> {
    this.#running = true;
    const redis = this.#connect();
    for (;;) {
      const armed = [...this.#tails].filter(([, tail]) => tail.armed && !tail.over);
      if (armed.length === 0 || this.#closed) break;
      try {
        this.#accept(await this.#fetch(redis, armed));
      } catch {
        // The other connection tells of outages. A call that may still be answered must not meet the next one.
        if (redis.status === 'ready') redis.disconnect(true);
        await setTimeout(RETRY_PAUSE_MS);
      }
    }
    this.#running = false;
  }

  async #fetch(redis: Redis, armed: [string, Tail][]): Promise<[key: string, entries: RawEntry[]][]> {
    const keys = [this.#wakeKey, ...armed.map(([id]) => this.commands.logKey(id))];
    const positions = [this.#wakeId, ...armed.map(([, tail]) => `${tail.last}-0`)];
    this.#blocked = true;
    try {
      return (await redis.xread('COUNT', PAGE_ENTRIES, 'BLOCK', BLOCK_MS, 'STREAMS', ...keys, ...positions)) ?? [];
    } finally {
      this.#blocked = false;
    }
  }

  #accept(news: [key: string, entries: RawEntry[]][]): void {
    const byKey = new Map(news);
    this.#wakeId = byKey.get(this.#wakeKey)?.at(-1)?.[0] ?? this.#wakeId;
    for (const [id, tail] of this.#tails) {
      const entries = byKey.get(this.commands.logKey(id));
      if (entries) tail.accept(entriesOf(entries));
    }
  }

  #connect(): Redis {
    if (this.#redis) return this.#redis;
    this.#redis = connectRedis(this.url, { connectMs: CONNECT_MS, commandMs: BLOCK_MS + SLACK_MS });
    this.#redis.on('error', () => undefined);
    return this.#redis;
  }

  get #wakeKey(): string {
    return this.commands.wakeKey(this.#name);
  }
}
