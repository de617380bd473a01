import type { RedisLine } from './redis-line.js';
import type { StreamCommands, WriterNews } from './stream-commands.js';
import type { StreamOutcome, StreamWriter } from '../stream-log.port.js';
import { StreamRefused } from '../stream-refused.js';
import { EMPTY_STREAM_BYTES, textBytes } from '../text-size.js';

export interface RedisStreamWriterOptions {
  readonly id: string;
  /** Tells this writer from any other that ever had the id. */
  readonly claim: string;
  readonly line: RedisLine;
  readonly commands: StreamCommands;
  readonly lingerMs: number;
  /** How often it beats. */
  readonly beatMs: number;
  readonly maxStreamBytes: number;
  /** Called once, when it gives no sign of life any more. */
  onOver(): void;
}

interface Waiting {
  readonly text: string;
  taken(): void;
  refused(error: unknown): void;
}

/** Redis counts whole milliseconds. */
const CLOCK_MS = 1;
/** How many chunks go to Redis at a time. Whatever comes while some are on their way goes with the next. */
const BATCH_CHUNKS = 64;

export class RedisStreamWriter implements StreamWriter {
  readonly #options: RedisStreamWriterOptions;
  readonly #stop = new AbortController();
  readonly #abandon = new AbortController();
  readonly #waiting: Waiting[] = [];
  /** `ending`: takes no more, and still has to say so. `over`: nothing is left to do. */
  #phase: 'open' | 'ending' | 'over' = 'open';
  #seq = 0;
  #bytes = EMPTY_STREAM_BYTES;
  #sending: Promise<void> | undefined;
  #ending: Promise<void> | undefined;
  #beatAt = performance.now();
  /** Whether nobody had read when it last looked, for nearly so long that the stream is abandoned. */
  #wasUnread = false;
  /** Since when Redis has answered without a break. Readers could say nothing before. */
  #reachableSince: number | null = -Infinity;

  constructor(options: RedisStreamWriterOptions) {
    this.#options = options;
  }

  get stopRequested(): AbortSignal {
    return this.#stop.signal;
  }

  get abandoned(): AbortSignal {
    return this.#abandon.signal;
  }

  /** What it keeps in memory until Redis has it, in bytes. */
  get heldBytes(): number {
    return this.#waiting.reduce((bytes, { text }) => bytes + textBytes(text), 0);
  }

  async append(text: string): Promise<void> {
    if (this.#phase !== 'open') throw new StreamRefused('ended');
    this.#bytes += textBytes(text);
    if (this.#bytes > this.#options.maxStreamBytes) {
      this.#phase = 'ending';
      this.#ending ??= this.#overflow();
      await this.#ending;
      throw new StreamRefused('full');
    }
    const appended = new Promise<void>((taken, refused) => this.#waiting.push({ text, taken, refused }));
    this.#sending ??= this.#send();
    return appended;
  }

  async end(outcome: Exclude<StreamOutcome, 'lost'>): Promise<void> {
    if (this.#phase === 'open') this.#phase = 'ending';
    this.#ending ??= this.#finish(outcome);
    return this.#ending;
  }

  stop(): void {
    this.#stop.abort();
  }

  /** Gives a sign of life, and learns whether anybody reads. */
  async beat(): Promise<void> {
    const { commands, id, claim, lingerMs, beatMs } = this.#options;
    const sinceLastMs = performance.now() - this.#beatAt;
    this.#beatAt += sinceLastMs;
    try {
      const news = await commands.beat(id, claim);
      this.#heed(news);
      this.#reachableSince ??= performance.now();
      // Once is not enough: when this process stood still its readers did too, and say so only after this.
      const isUnread = news.unseenMs + CLOCK_MS >= Math.max(sinceLastMs, lingerMs - beatMs);
      const unreadMs = Math.min(news.unseenMs, performance.now() - this.#reachableSince);
      if (isUnread && this.#wasUnread && unreadMs >= lingerMs && !news.ended) this.#abandon.abort();
      this.#wasUnread = isUnread;
    } catch {
      this.#reachableSince = null;
    }
  }

  async #send(): Promise<void> {
    const { commands, line, id, claim } = this.#options;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, BATCH_CHUNKS);
      const texts = batch.map(({ text }) => text);
      try {
        const news = await line.persistently(() => commands.append(id, claim, this.#seq + 1, texts));
        this.#heed(news);
        if (news.ended) throw new StreamRefused('ended');
      } catch (error) {
        for (const { refused } of this.#waiting.splice(0)) refused(error);
        await this.#giveUp();
        break;
      }
      this.#seq += batch.length;
      this.#waiting.splice(0, batch.length);
      for (const { taken } of batch) taken();
    }
    this.#sending = undefined;
  }

  async #finish(outcome: StreamOutcome): Promise<void> {
    const { commands, line, id, claim } = this.#options;
    await this.#sending;
    if (this.#phase === 'over') return;
    try {
      await line.persistently(() => commands.end(id, claim, outcome, this.#seq));
    } finally {
      this.#leave();
    }
  }

  async #overflow(): Promise<void> {
    await this.#sending;
    await this.#giveUp();
  }

  /** Without an answer readers find out by themselves: from now on it gives no sign of life. */
  async #giveUp(): Promise<void> {
    const { commands, id, claim } = this.#options;
    if (this.#phase === 'over') return;
    this.#leave();
    await commands.end(id, claim, 'lost', this.#seq).catch(() => undefined);
  }

  #heed(news: WriterNews): void {
    if (news.ended) this.#leave();
    else if (news.stop) this.#stop.abort();
  }

  #leave(): void {
    if (this.#phase === 'over') return;
    this.#phase = 'over';
    this.#options.onOver();
  }
}
