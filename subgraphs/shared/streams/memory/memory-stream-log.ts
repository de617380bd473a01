import { setImmediate } from 'node:timers/promises';
import { MemoryStream, type Timer } from './memory-stream.js';
import { readings, type Reader } from '../reader.js';
import type { ReadOptions, StreamEntry, StreamHead, StreamLog, StreamWriter } from '../stream-log.port.js';
import { StreamRefused } from '../stream-refused.js';
import { MAX_STREAM_BYTES, MEMORY_LOG_BYTES } from '../text-size.js';

export interface MemoryStreamLogOptions {
  /** How long a stream goes on without a reader. */
  readonly lingerMs: number;
  /** How long a stream is kept after its end. Default 10 minutes. */
  readonly keepMs?: number;
  /** What all streams may take together, in bytes; ended ones make room, the oldest first. Default 128 MiB. */
  readonly maxBytes?: number;
  /**
   * What a stream has for itself from its opening to its end, in bytes: no answer of ordinary length, which may have cost
   * something, is given up because others are long; rather one more is not begun. Default 96 KiB, some 5,000 tokens.
   */
  readonly shareBytes?: number;
  /** What one stream may take, in bytes. Default 4 MiB. */
  readonly maxStreamBytes?: number;
  readonly timer?: Timer;
}

const SHARE_BYTES = 96 * 1024;

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
    const sizes = { maxBytes: MEMORY_LOG_BYTES, shareBytes: SHARE_BYTES, maxStreamBytes: MAX_STREAM_BYTES };
    this.#options = { keepMs: 600_000, ...sizes, timer: backgroundTimer, ...options };
  }

  /** What all streams take in memory, in bytes, and what is reserved for those that are running. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many streams are in memory. */
  get size(): number {
    return this.#streams.size;
  }

  async open(id: string, head: StreamHead): Promise<StreamWriter> {
    if (this.#streams.has(id)) throw new StreamRefused('exists');
    const { lingerMs, maxStreamBytes, shareBytes, timer } = this.#options;
    const reservedBytes = Math.max(shareBytes, MemoryStream.emptyBytes(head));
    if (!this.#reserve(reservedBytes)) throw new StreamRefused('full');
    const stream = new MemoryStream({
      head,
      lingerMs,
      maxStreamBytes,
      timer,
      reservedBytes,
      reserve: (bytes) => this.#reserve(bytes),
      onEnd: (unusedBytes) => {
        this.#bytes -= unusedBytes;
        this.#keepAWhile(id, stream);
      },
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
