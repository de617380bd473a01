/** Too much was waiting for a reader. */
export class QueueFull extends Error {}

/** What waits in the queues of one source, all together. When it is too much, the one that holds most is given up. */
export class WaitingRoom {
  readonly #queues = new Set<BoundedQueue<unknown>>();
  #bytes = 0;

  constructor(private readonly maxBytes: number) {}

  get bytes(): number {
    return this.#bytes;
  }

  /** To be called by a queue that holds so much more than before, or less. */
  changed(queue: BoundedQueue<unknown>, by: number): void {
    this.#bytes += by;
    if (queue.bytes > 0) this.#queues.add(queue);
    else this.#queues.delete(queue);
    if (this.#bytes > this.maxBytes) this.#largest()?.overflow();
  }

  #largest(): BoundedQueue<unknown> | undefined {
    let largest: BoundedQueue<unknown> | undefined;
    for (const queue of this.#queues) if (!largest || queue.bytes > largest.bytes) largest = queue;
    return largest;
  }
}

interface Waiting<T> {
  readonly item: T;
  readonly bytes: number;
}

/**
 * What a source pushes, for one reader to pull. A source that cannot be slowed down must not fill the memory for a reader
 * that does not read: when too many items wait, the queue takes no more of them, and fails with {@link QueueFull} after the
 * last. When the room is full, it fails at once, and drops what waits. Whatever the source pushes after that is dropped; the
 * source is left by {@link return} alone, for it may go by who listens to it.
 */
export class BoundedQueue<T> implements AsyncIterableIterator<T, void> {
  #items: Waiting<T>[] = [];
  #bytes = 0;
  #end: { readonly error: unknown } | 'done' | undefined;
  #left = false;
  #wake: (() => void) | undefined;

  constructor(
    private readonly maxItems: number,
    private readonly room: WaitingRoom,
    /** Called once when the reader leaves. */
    private readonly leave: () => void,
  ) {}

  /** What it holds. */
  get bytes(): number {
    return this.#bytes;
  }

  push(item: T, bytes: number): void {
    if (this.#end) return;
    if (this.#items.length >= this.maxItems) return this.fail(new QueueFull('too many wait for a reader'));
    this.#items.push({ item, bytes });
    this.#hold(bytes);
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

  /** Drops what waits for its reader. */
  overflow(): void {
    this.#end = { error: new QueueFull('too much waits for a reader') };
    this.#drop();
  }

  async next(): Promise<IteratorResult<T, void>> {
    for (;;) {
      const waiting = this.#items.shift();
      if (waiting) {
        this.#hold(-waiting.bytes);
        return { done: false, value: waiting.item };
      }
      if (this.#end === 'done') return { done: true, value: undefined };
      if (this.#end) throw this.#end.error;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  async return(): Promise<IteratorResult<T, void>> {
    this.#end = 'done';
    this.#drop();
    if (!this.#left) this.leave();
    this.#left = true;
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #hold(bytes: number): void {
    this.#bytes += bytes;
    this.room.changed(this, bytes);
  }

  #drop(): void {
    this.#items = [];
    this.#hold(-this.#bytes);
    this.#wake?.();
  }
}
