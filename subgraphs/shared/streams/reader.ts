import type { ReadOptions } from './stream-log.port.js';

/** One reading of one stream: it waits for more, and it may leave at any time, also while it waits or is paused. */
export class Reader {
  #wake: (() => void) | undefined;
  #detach: (() => void) | undefined;
  #gone = false;

  get gone(): boolean {
    return this.#gone;
  }

  /** Runs `detach` once when the reader leaves, at once when it has. */
  onLeave(detach: () => void): void {
    if (this.#gone) detach();
    else this.#detach = detach;
  }

  /** Until {@link wake} or {@link leave}. Whoever waits has just looked and found nothing. */
  async wait(): Promise<void> {
    if (this.#gone) return;
    await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  wake(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  leave(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#detach?.();
    this.wake();
  }
}

type Generate<T> = (reader: Reader) => AsyncGenerator<T, void, void>;

/**
 * Iterates what `generate` yields until the reader leaves: on the signal, on `return()`, or at the end. A generator alone
 * would let `return()` wait for the entry that `next()` waits for, and would stay attached while it is paused.
 * Each iteration is a reading of its own. Throws RangeError for a position that makes no sense.
 */
export function readings<T>({ after, signal }: ReadOptions, generate: Generate<T>): AsyncIterable<T> {
  if (!Number.isSafeInteger(after) || after < 0) throw new RangeError('A position is a whole number, 0 or more.');
  return { [Symbol.asyncIterator]: () => startReading(signal, generate) };
}

function startReading<T>(signal: AbortSignal, generate: Generate<T>): AsyncIterator<T, void, void> {
  const reader = new Reader();
  const leave = (): void => {
    signal.removeEventListener('abort', leave);
    reader.leave();
  };
  signal.addEventListener('abort', leave);
  if (signal.aborted) leave();
  const entries = generate(reader);
  return {
    async next() {
      // What was found, or went wrong, while the reader left is not for it any more.
      try {
        const result = reader.gone ? await entries.return() : await entries.next();
        if (!result.done && !reader.gone) return result;
      } catch (error) {
        const left = reader.gone;
        leave();
        if (!left) throw error;
      }
      leave();
      return { done: true, value: undefined };
    },
    async return() {
      leave();
      return entries.return();
    },
  };
}
