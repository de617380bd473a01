import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * A stream that starts when the first item is asked for and ends at once when told to, whatever its source is busy with:
 * an async generator would keep `return()` waiting for the item under way.
 *
 * Each item waits for a turn of the event loop. A source that always has one ready would otherwise let neither a `complete`
 * nor the end of the socket through. When the stream ends, for whatever reason, `stop` has aborted.
 */
export class StoppableStream<T> implements AsyncGenerator<T, void, void> {
  #source: AsyncIterator<T> | undefined;
  #release: (() => void) | undefined;

  constructor(
    private readonly start: () => Promise<AsyncIterable<T>>,
    private readonly stop: AbortController,
  ) {
    stop.signal.addEventListener('abort', () => this.#end(), { once: true });
  }

  next(): Promise<IteratorResult<T, void>> {
    if (this.stop.signal.aborted) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => {
      this.#release = () => resolve({ done: true, value: undefined });
      this.#pull().then(resolve, (error: unknown) => {
        // Rejected before the abort, or the release above would come first and hide the error.
        reject(error);
        this.stop.abort();
      });
    });
  }

  async return(): Promise<IteratorResult<T, void>> {
    this.stop.abort();
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<IteratorResult<T, void>> {
    this.stop.abort();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop.abort();
  }

  async #pull(): Promise<IteratorResult<T, void>> {
    await nextTurn();
    this.#source ??= await this.#open();
    const result = (await this.#source?.next()) ?? { done: true, value: undefined };
    if (!result.done) return result;
    this.stop.abort();
    return { done: true, value: undefined };
  }

  /** Undefined when the stream was stopped while it was being started. */
  async #open(): Promise<AsyncIterator<T> | undefined> {
    if (this.stop.signal.aborted) return undefined;
    const source = await this.start();
    return this.stop.signal.aborted ? undefined : source[Symbol.asyncIterator]();
  }

  #end(): void {
    this.#release?.();
    // Nobody waits for the source any more, nor for how it takes its leave.
    Promise.resolve(this.#source?.return?.()).catch(() => undefined);
  }
}
