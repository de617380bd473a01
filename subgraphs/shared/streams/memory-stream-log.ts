import { setImmediate } from 'node:timers/promises';
import { MemoryStream, type Timer } from './memory-stream.js';
import { readings, type Reader } from './reader.js';
import type { ReadOptions, StreamEntry, StreamHead, StreamLog, StreamWriter } from './stream-log.port.js';
import { StreamRefused } from './stream-refused.js';
import { headBytes, MAX_STREAM_BYTES } from './text-size.js';

export interface MemoryStreamLogOptions {
  /** How long a stream goes on without a reader. */
  readonly lingerMs: number;
  /** How long a stream is kept after its end. Default 10 minutes. */
  readonly keepMs?: number;
  /** What all streams may take together; ended ones make room, the oldest first. Default 64 MiB. */
  readonly maxBytes?: number;
  /** What one stream may take. Default 4 MiB. */
  readonly maxStreamBytes?: number;
  readonly timer?: Timer;
}

/** After so many entries a reader that catches up lets others have a turn. */
const ENTRIES_PER_TURN = 256;

const backgroundTimer: Timer = (run, afterMs) => {
  const timeout = setTimeout(run, afterMs).unref();
  return () => clearTimeout(timeout);
};

/** Streams in the memory of this process: those who read and those who stop them must be in it too. */
export class MemoryStreamLog implements StreamLog {
  readonly #options: Required<MemoryStreamLogOptions>;
  readonly #streams = new Map<string, MemoryStream>();
  /** What takes each ended stream out of the log; the oldest end first. */
  readonly #ended = new Map<string, () => void>();
  #bytes = 0;

  constructor(options: MemoryStreamLogOptions) {
    const defaults = { keepMs: 600_000, maxBytes: 64 * 1024 * 1024, maxStreamBytes: MAX_STREAM_BYTES };
    this.#options = { ...defaults, timer: backgroundTimer, ...options };
  }

  /** What all streams take in memory, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many streams are in memory. */
  get size(): number {
    return this.#streams.size;
  }

  async open(id: string, head: StreamHead): Promise<StreamWriter> {
    if (this.#streams.has(id)) throw new StreamRefused('exists');
    if (!this.#reserve(headBytes(head))) throw new StreamRefused('full');
    const { lingerMs, maxStreamBytes, timer } = this.#options;
    const stream = new MemoryStream({
      head,
      lingerMs,
      maxStreamBytes,
      timer,
      reserve: (bytes) => this.#reserve(bytes),
      onEnd: () => this.#keepAWhile(id, stream),
    });
    this.#streams.set(id, stream);
    return stream;
  }

  async find(id: string): Promise<StreamHead | null> {
    return this.#streams.get(id)?.head ?? null;
  }

  read(id: string, options: ReadOptions): AsyncIterable<StreamEntry> {
    return readings(options, (reader) => this.#entries(id, options.after, reader));
  }

  async requestStop(id: string): Promise<boolean> {
    const stream = this.#streams.get(id);
    if (!stream || stream.ended) return false;
    stream.stop();
    return true;
  }

  /** None: a stream is gone with the process that writes it. */
  async lost(): Promise<readonly string[]> {
    return [];
  }

  async settle(): Promise<void> {}

  async *#entries(id: string, after: number, reader: Reader): AsyncGenerator<StreamEntry, void, void> {
    const stream = this.#streams.get(id);
    if (!stream) return;
    stream.attach(reader);
    let position = after;
    while (!reader.gone && !stream.forgotten) {
      const entry = stream.entryAfter(position);
      if (!entry) {
        await reader.wait();
        continue;
      }
      yield entry;
      if (entry.kind === 'end') return;
      position = entry.chunk.seq;
      if (position % ENTRIES_PER_TURN === 0) await setImmediate();
    }
  }

  #reserve(bytes: number): boolean {
    const { maxBytes } = this.#options;
    for (const forget of this.#ended.values()) {
      if (this.#bytes + bytes <= maxBytes) break;
      forget();
    }
    if (this.#bytes + bytes > maxBytes) return false;
    this.#bytes += bytes;
    return true;
  }

  #keepAWhile(id: string, stream: MemoryStream): void {
    const forget = (): void => {
      callOff();
      this.#ended.delete(id);
      this.#streams.delete(id);
      this.#bytes -= stream.bytes;
      stream.forget();
    };
    const callOff = this.#options.timer(forget, this.#options.keepMs);
    this.#ended.set(id, forget);
  }
}
