// cspell:words hget ioredis xrange
import type { Redis } from 'ioredis';
import { entriesOf, fieldsOf, type LoggedEntry } from './logged-entry.js';
import type { StreamEnd, StreamHead, StreamOutcome } from '../stream-log.port.js';
import { STREAM_SCRIPTS } from './stream-scripts.lua.js';

export interface StreamTimes {
  /** For so long a sign of life of a writer holds; after twice that it is lost. */
  readonly heartbeatMs: number;
  /** How long a stream is kept after its end, once it is settled. */
  readonly keepMs: number;
  /** How long a stream is kept that neither grows nor ends, nor has a writer. */
  readonly runMs: number;
}

/** How a stream stands: the number of its last chunk, and its end if it has one. */
export interface StreamState {
  readonly seq: number;
  readonly end: StreamEnd | null;
}

/** What a writer learns from Redis. `ended`: it is its writer no more. */
export type WriterNews = { readonly ended: true } | { readonly ended: false; readonly stop: boolean };

type Script = (
  keyCount: 3,
  head: string,
  log: string,
  unsettled: string,
  ...settings: (string | number)[]
) => Promise<unknown>;
type Scripted = Redis & Record<keyof typeof STREAM_SCRIPTS, Script>;

/** How many entries one answer has at most. */
export const PAGE_ENTRIES = 128;
const OVERDUE_STREAMS = 16;

/** What there is to say to Redis about streams. Each of them may be sent again when it is not known whether it was taken. */
export class StreamCommands {
  readonly #redis: Scripted;

  constructor(
    redis: Redis,
    private readonly times: StreamTimes,
    private readonly keyPrefix: string,
  ) {
    for (const [name, lua] of Object.entries(STREAM_SCRIPTS)) redis.defineCommand(name, { lua });
    this.#redis = redis as Scripted;
  }

  /** False when the id is in use. */
  async open(id: string, claim: string, head: StreamHead): Promise<boolean> {
    const { heartbeatMs, runMs } = this.times;
    return (await this.#run('streamOpen', id, claim, JSON.stringify(head), heartbeatMs, runMs)) === 1;
  }

  async append(id: string, claim: string, first: number, texts: readonly string[]): Promise<WriterNews> {
    const { heartbeatMs, runMs, keepMs } = this.times;
    const settings = [claim, heartbeatMs, runMs, keepMs, first];
    return newsOf(await this.#run('streamAppend', id, ...settings, ...texts.flatMap(fieldsOf)));
  }

  async end(id: string, claim: string, outcome: StreamOutcome, seq: number): Promise<void> {
    await this.#run('streamEnd', id, claim, outcome, seq, this.times.keepMs);
  }

  /** Says that the writer is there. `unseenMs`: for how long nobody has read. */
  async beat(id: string, claim: string): Promise<WriterNews & { unseenMs: number }> {
    const { heartbeatMs, runMs } = this.times;
    const [news, unseenMs] = (await this.#run('streamBeat', id, claim, heartbeatMs, runMs)) as [number, number];
    return { ...newsOf(news), unseenMs };
  }

  /** Finds out whether the writer is lost, and says that somebody reads. Null for a stream that there is not. */
  async attend(id: string, { reads = true } = {}): Promise<StreamState | null> {
    const settings = [this.times.heartbeatMs, reads ? 1 : 0];
    const [seq, outcome] = (await this.#run('streamAttend', id, ...settings)) as [number?, string?];
    if (seq === undefined) return null;
    return { seq, end: outcome ? ({ outcome } as StreamEnd) : null };
  }

  async requestStop(id: string): Promise<boolean> {
    return (await this.#run('streamStop', id)) === 1;
  }

  /** Streams to look after, a few; for this caller alone for some time. */
  async overdue(): Promise<string[]> {
    const heads = await this.#run('streamOverdue', '', this.times.heartbeatMs, OVERDUE_STREAMS);
    return (heads as string[]).map((head) => head.slice(this.#headKey('').length));
  }

  async settle(id: string): Promise<void> {
    await this.#run('streamSettle', id, this.times.keepMs);
  }

  async find(id: string): Promise<StreamHead | null> {
    const about = await this.#redis.hget(this.#headKey(id), 'about');
    return about === null ? null : (JSON.parse(about) as StreamHead);
  }

  /** The entries after a position, as many as one answer takes. */
  async page(id: string, after: number): Promise<LoggedEntry[]> {
    return entriesOf(await this.#redis.xrange(this.logKey(id), `${after + 1}-0`, '+', 'COUNT', PAGE_ENTRIES));
  }

  /** The key of a stream's log, which is also the channel where its entries are published. */
  logKey(id: string): string {
    return `${this.keyPrefix}log:${id}`;
  }

  /** The stream whose channel it is. */
  idOf(channel: string): string {
    return channel.slice(this.logKey('').length);
  }

  #headKey(id: string): string {
    return `${this.keyPrefix}head:${id}`;
  }

  #run(script: keyof typeof STREAM_SCRIPTS, id: string, ...settings: (string | number)[]): Promise<unknown> {
    const unsettled = `${this.keyPrefix}unsettled`;
    return this.#redis[script](3, this.#headKey(id), this.logKey(id), unsettled, ...settings);
  }
}

function newsOf(reply: unknown): WriterNews {
  return reply === -1 ? { ended: true } : { ended: false, stop: reply === 1 };
}
