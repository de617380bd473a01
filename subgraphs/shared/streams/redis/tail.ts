import type { LoggedEntry } from './logged-entry.js';
import type { Reader } from '../reader.js';
import type { StreamState } from './stream-commands.js';
import type { StreamEntry } from '../stream-log.port.js';
import { textBytes } from '../text-size.js';

const WINDOW_ENTRIES = 128;
const WINDOW_BYTES = 64 * 1024;

/**
 * The newest entries of a stream that is read in this process, for all its readers. It never waits for any of them: whoever
 * is behind it reads pages from Redis until they have caught up.
 */
export class Tail {
  readonly readers = new Set<Reader>();
  /** Whether what is published of it comes here. */
  isHeard = false;
  /** Without a gap, and up to the last. */
  #window: LoggedEntry[] = [];
  #bytes = 0;
  /** The number of the newest entry that it knows of. */
  #last = 0;
  #end: StreamEntry | undefined;
  /** Redis knows the stream no more. */
  #vanished = false;

  /** Whether nothing comes any more. */
  get over(): boolean {
    return this.#end !== undefined || this.#vanished;
  }

  /** What it takes in memory, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The next entry, as it was published; one that has been missed is in Redis. */
  accept(logged: LoggedEntry): void {
    if (logged.seq <= this.#last) return;
    if (logged.seq !== this.#last + 1) this.#empty();
    this.#window.push(logged);
    this.#bytes += bytesOf(logged);
    this.#last = logged.seq;
    if (logged.entry.kind === 'end') this.#end = logged.entry;
    this.#trim();
    this.#wakeReaders();
  }

  /** How the stream stands in Redis; null when it is not there any more. Tells what was missed. */
  compare(state: StreamState | null): void {
    if (!state) this.#vanished = true;
    else if (state.seq > this.#last) {
      this.#empty();
      this.#last = state.seq;
    }
    if (state?.end) this.#end ??= { kind: 'end', end: state.end };
    this.#wakeReaders();
  }

  /** `behind`: it is in Redis. `none`: there is nothing yet. */
  next(after: number): StreamEntry | 'behind' | 'none' {
    const oldest = this.#window[0]?.seq ?? Infinity;
    const inWindow = after + 1 >= oldest ? this.#window[after + 1 - oldest] : undefined;
    if (inWindow) return inWindow.entry;
    if (after < this.#last) return 'behind';
    return this.#end ?? 'none';
  }

  #trim(): void {
    let dropped = 0;
    while (this.#window.length - dropped > WINDOW_ENTRIES || this.#bytes > WINDOW_BYTES) {
      const oldest = this.#window[dropped];
      if (!oldest) break;
      this.#bytes -= bytesOf(oldest);
      dropped += 1;
    }
    if (dropped > 0) this.#window.splice(0, dropped);
  }

  #empty(): void {
    this.#window = [];
    this.#bytes = 0;
  }

  #wakeReaders(): void {
    for (const reader of this.readers) reader.wake();
  }
}

function bytesOf({ entry }: LoggedEntry): number {
  return textBytes(entry.kind === 'chunk' ? entry.chunk.text : entry.end.outcome);
}
