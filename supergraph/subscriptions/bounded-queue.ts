/** Too much was waiting for a reader. */
export class QueueFull extends Error {}

/**
 * What a source pushes, for one reader to pull. A source that cannot be slowed down must not fill the memory for a reader
 * that does not read: beyond `max` waiting items the queue fails with {@link QueueFull} after what it holds.
 */
export class BoundedQueue<T> implements AsyncIterableIterator<T, void> {
  readonly #items: T[] = [];
  #end: { readonly error: unknown } | 'done' | undefined;
  #wake: (() => void) | undefined;

  constructor(
    private readonly max: number,
    /** Called once when the reader leaves or the queue overflows. */
    private readonly leave: () => void,
  ) {}

  push(item: T): void {
    if (this.#end) return;
    if (this.#items.length < this.max) this.#items.push(item);
    else this.#finish({ error: new QueueFull(`more than ${this.max} items wait for a reader`) });
    this.#wake?.();
  }

  done(): void {
    this.#end ??= 'done';
    this.#wake?.();
  }

  fail(error: unknown): void {
    this.#end ??= { error };
    this.#wake?.();
  }

  async next(): Promise<IteratorResult<T, void>> {
    for (;;) {
      if (this.#items.length > 0) return { done: false, value: this.#items.shift() as T };
      if (this.#end === 'done') return { done: true, value: undefined };
      if (this.#end) throw this.#end.error;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  async return(): Promise<IteratorResult<T, void>> {
    this.#items.length = 0;
    this.#finish('done');
    this.#wake?.();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #finish(end: { readonly error: unknown } | 'done'): void {
    if (this.#end) return;
    this.#end = end;
    this.leave();
  }
}
