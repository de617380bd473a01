// cspell:words rediss valkey
import { randomUUID } from 'node:crypto';
import type { Logger } from '#shared/logging/logger.js';
import { readings, type Reader } from '../reader.js';
import { RedisLine } from './redis-line.js';
import { RedisStreamWriter } from './redis-stream-writer.js';
import { RedisTails } from './redis-tails.js';
import { StreamCommands } from './stream-commands.js';
import type { ReadOptions, StreamEntry, StreamHead, StreamLog, StreamWriter } from '../stream-log.port.js';
import { StreamRefused } from '../stream-refused.js';
import type { Tail } from './tail.js';
import { MAX_STREAM_BYTES } from '../text-size.js';

export interface RedisStreamLogOptions {
  /** `redis://` or `rediss://`, with user, password and database as they may be. */
  readonly url: string;
  readonly log: Logger;
  /** How long a stream goes on without a reader. */
  readonly lingerMs: number;
  /** For so long a writer's sign of life holds; after twice that it is lost. Default 4000. */
  readonly heartbeatMs?: number;
  /** How often writers give a sign of life and readers are counted. Default 1000, or less where a time above is short. */
  readonly tickMs?: number;
  /** How long a stream is kept after its end. Default 10 minutes. */
  readonly keepMs?: number;
  /** How long a stream is kept whose writer is gone when nobody reads it. Default 1 hour. */
  readonly runMs?: number;
  /** How long a call is repeated while Redis does not answer. Default 10,000. */
  readonly retryMs?: number;
  /** What one stream may take. Default 4 MiB. */
  readonly maxStreamBytes?: number;
  /** What every key begins with; the braces put all keys into one slot. Default `llm-supergraph:{streams}:`. */
  readonly keyPrefix?: string;
}

/**
 * Streams in Redis 5 or later, or Valkey, for all processes on it: one may write a stream, another read it and a third stop
 * it. Each process has two connections, however many streams it reads and writes.
 */
export class RedisStreamLog implements StreamLog {
  readonly #lingerMs: number;
  readonly #tickMs: number;
  readonly #maxStreamBytes: number;
  readonly #line: RedisLine;
  readonly #commands: StreamCommands;
  readonly #tails: RedisTails;
  readonly #writers = new Map<string, RedisStreamWriter>();
  #nextTick: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: RedisStreamLogOptions) {
    const { url, log, lingerMs, heartbeatMs = 4_000, keepMs = 600_000, runMs = 3_600_000 } = options;
    const { retryMs = 10_000, maxStreamBytes = MAX_STREAM_BYTES, keyPrefix = 'llm-supergraph:{streams}:' } = options;
    const { tickMs = Math.max(10, Math.min(1_000, heartbeatMs / 3, lingerMs / 3)) } = options;
    this.#lingerMs = lingerMs;
    this.#tickMs = tickMs;
    this.#maxStreamBytes = maxStreamBytes;
    this.#line = new RedisLine(url, log, retryMs);
    this.#commands = new StreamCommands(this.#line.redis, { heartbeatMs, keepMs, runMs }, keyPrefix);
    this.#tails = new RedisTails(url, this.#commands, log);
    this.#tickIn();
  }

  /** What this process keeps in memory for its streams, in bytes, apart from the page that each reader is at. */
  get bytes(): number {
    return this.#writers.values().reduce((bytes, writer) => bytes + writer.heldBytes, this.#tails.bytes);
  }

  async open(id: string, head: StreamHead): Promise<StreamWriter> {
    const claim = randomUUID();
    const opened = await this.#line.persistently(() => this.#commands.open(id, claim, head));
    if (!opened) throw new StreamRefused('exists');
    const writer = new RedisStreamWriter({
      id,
      claim,
      line: this.#line,
      commands: this.#commands,
      lingerMs: this.#lingerMs,
      beatMs: this.#tickMs,
      maxStreamBytes: this.#maxStreamBytes,
      onOver: () => this.#writers.delete(id),
    });
    this.#writers.set(id, writer);
    return writer;
  }

  async find(id: string): Promise<StreamHead | null> {
    return this.#line.persistently(() => this.#commands.find(id));
  }

  read(id: string, options: ReadOptions): AsyncIterable<StreamEntry> {
    return readings(options, (reader) => this.#entries(id, options.after, reader));
  }

  async requestStop(id: string): Promise<boolean> {
    const asked = await this.#line.persistently(() => this.#commands.requestStop(id));
    // Elsewhere the writer hears of it with its next chunk or sign of life.
    if (asked) this.#writers.get(id)?.stop();
    return asked;
  }

  async lost(): Promise<readonly string[]> {
    try {
      const overdue = await this.#commands.overdue();
      return (await Promise.all(overdue.map((id) => this.#lostOf(id)))).flat();
    } catch {
      // The line tells of outages, and whoever asks will ask again.
      return [];
    }
  }

  async settle(id: string): Promise<void> {
    await this.#line.persistently(() => this.#commands.settle(id));
  }

  /** What it does every so often: says who reads and who writes, and finds out who is gone. */
  async tick(): Promise<void> {
    await this.#tails.tick();
    // After the readers; see `beat` for pauses of this process in between.
    await Promise.all(this.#writers.values().map((writer) => writer.beat()));
  }

  /** Ends all readings here; streams that are written here look lost to others after a while. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#nextTick);
    this.#tails.close();
    this.#line.close();
  }

  async #lostOf(id: string): Promise<string[]> {
    const state = await this.#commands.attend(id, { reads: false });
    if (!state) await this.#commands.settle(id);
    return state?.end ? [id] : [];
  }

  async *#entries(id: string, after: number, reader: Reader): AsyncGenerator<StreamEntry, void, void> {
    const wanted = (): boolean => !reader.gone;
    const tail = this.#tails.attach(id, reader);
    // In this order, so that nothing comes in between.
    await this.#tails.subscribe(id);
    const state = await this.#line.whileWanted(() => this.#commands.attend(id), wanted);
    if (!state || reader.gone) return;
    tail.compare(state);
    let position = after;
    while (!reader.gone) {
      const entries = await this.#entriesAfter(position, id, tail, wanted);
      if (entries === 'none') {
        if (tail.over) return;
        await reader.wait();
        continue;
      }
      for (const entry of entries) {
        // What has been cut off, as Redis may when it is short of memory, is not to be passed over.
        if (entry.kind === 'chunk' && entry.chunk.seq !== position + 1) return;
        yield entry;
        if (entry.kind === 'end') return;
        position = entry.chunk.seq;
      }
      if (entries.length === 0) return;
    }
  }

  async #entriesAfter(
    position: number,
    id: string,
    tail: Tail,
    wanted: () => boolean,
  ): Promise<readonly StreamEntry[] | 'none'> {
    const next = tail.next(position);
    if (next === 'none') return next;
    if (next !== 'behind') return [next];
    const page = await this.#line.whileWanted(() => this.#commands.page(id, position), wanted);
    return page.map(({ entry }) => entry);
  }

  #tickIn(): void {
    this.#nextTick = setTimeout(() => {
      void this.tick().finally(() => this.#closed || this.#tickIn());
    }, this.#tickMs).unref();
  }
}
