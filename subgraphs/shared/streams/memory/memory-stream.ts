import type { Reader } from '../reader.js';
import { StreamRefused } from '../stream-refused.js';
import type { StreamEnd, StreamEntry, StreamHead, StreamOutcome, StreamWriter } from '../stream-log.port.js';
import { PagedTexts } from './paged-texts.js';
import { headBytes } from '../text-size.js';

/** Runs something once, so many ms from now; returns what calls it off. */
export type Timer = (run: () => void, afterMs: number) => () => void;

export interface MemoryStreamOptions {
  readonly head: StreamHead;
  readonly lingerMs: number;
  readonly maxStreamBytes: number;
  readonly timer: Timer;
  /** What is reserved for it already, in bytes. */
  readonly reservedBytes: number;
  /** Makes room for so many bytes more in the whole log; false when there is none. */
  reserve(bytes: number): boolean;
  /** Called once, at its end, with what it has not used of what was reserved. */
  onEnd(unusedBytes: number): void;
}

/** One stream: its texts in order, and who reads it. Readers hold positions only. */
export class MemoryStream implements StreamWriter {
  readonly head: StreamHead;
  readonly #texts = new PagedTexts();
  readonly #readers = new Set<Reader>();
  readonly #stop = new AbortController();
  readonly #abandon = new AbortController();
  readonly #options: MemoryStreamOptions;
  #bytes: number;
  /** What is reserved for it, in bytes; as much as it takes, or more. */
  #reserved: number;
  #end: StreamEnd | undefined;
  #forgotten = false;
  #callOffLinger: () => void = () => undefined;

  constructor(options: MemoryStreamOptions) {
    this.head = options.head;
    this.#bytes = MemoryStream.emptyBytes(options.head);
    this.#reserved = options.reservedBytes;
    this.#options = options;
    this.#linger();
  }

  /** What it takes in memory, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What one takes before its first text, in bytes. */
  static emptyBytes(head: StreamHead): number {
    return headBytes(head) + PagedTexts.baseBytes;
  }

  get ended(): boolean {
    return this.#end !== undefined;
  }

  get forgotten(): boolean {
    return this.#forgotten;
  }

  get stopRequested(): AbortSignal {
    return this.#stop.signal;
  }

  get abandoned(): AbortSignal {
    return this.#abandon.signal;
  }

  async append(text: string): Promise<void> {
    if (this.#end) throw new StreamRefused('ended');
    const bytes = this.#bytes + PagedTexts.bytesOf(text);
    if (bytes > this.#options.maxStreamBytes || !this.#hasRoomFor(bytes)) {
      this.#finish({ outcome: 'lost' });
      throw new StreamRefused('full');
    }
    this.#texts.push(text);
    this.#bytes = bytes;
    this.#wakeReaders();
  }

  async end(outcome: Exclude<StreamOutcome, 'lost'>): Promise<void> {
    if (!this.#end) this.#finish({ outcome });
  }

  stop(): void {
    this.#stop.abort();
  }

  /** Null when there is nothing yet. */
  entryAfter(seq: number): StreamEntry | null {
    const text = this.#texts.at(seq);
    if (text !== undefined) return { kind: 'chunk', chunk: { seq: seq + 1, text } };
    return this.#end ? { kind: 'end', end: this.#end } : null;
  }

  attach(reader: Reader): void {
    this.#callOffLinger();
    this.#readers.add(reader);
    reader.onLeave(() => {
      this.#readers.delete(reader);
      if (this.#readers.size === 0) this.#linger();
    });
  }

  /** Lets go of the texts, whoever may still be on the way through them. */
  forget(): void {
    this.#forgotten = true;
    this.#texts.clear();
    this.#wakeReaders();
  }

  #hasRoomFor(bytes: number): boolean {
    const more = bytes - this.#reserved;
    if (more <= 0) return true;
    if (!this.#options.reserve(more)) return false;
    this.#reserved = bytes;
    return true;
  }

  #linger(): void {
    if (this.#end) return;
    this.#callOffLinger = this.#options.timer(() => this.#abandon.abort(), this.#options.lingerMs);
  }

  #finish(end: StreamEnd): void {
    this.#end = end;
    this.#callOffLinger();
    this.#wakeReaders();
    this.#options.onEnd(this.#reserved - this.#bytes);
    this.#reserved = this.#bytes;
  }

  #wakeReaders(): void {
    for (const reader of this.#readers) reader.wake();
  }
}
