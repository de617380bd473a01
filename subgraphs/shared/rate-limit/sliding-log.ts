/** When the accepted charges of one key came, oldest first. Times are ms on whatever clock the caller keeps to. */
export class SlidingLog {
  #times: number[] = [];
  /** Index of the oldest that is still in the window. What is before it has left, and is cut off now and then. */
  #head = 0;
  /** Charges that another limiter is deciding now; they may turn out to be accepted. */
  held = 0;

  constructor(private readonly windowMs: number) {}

  get count(): number {
    return this.#times.length - this.#head;
  }

  get isEmpty(): boolean {
    return this.count === 0 && this.held === 0;
  }

  add(now: number, count: number): void {
    for (let added = 0; added < count; added += 1) this.#times.push(now);
  }

  /** Drops what has left the window: a charge at `t` is no longer in it at `t + windowMs`. */
  prune(now: number): void {
    while (this.#head < this.#times.length && this.#at(this.#head) + this.windowMs <= now) this.#head += 1;
    // Cutting off half or more keeps the cost of moving the rest below that of having added it.
    if (this.#head * 2 < this.#times.length) return;
    this.#times = this.#times.slice(this.#head);
    this.#head = 0;
  }

  /** Until so many more have left the window, in whole ms; the window when there are not that many. */
  untilFree(count: number, now: number): number {
    if (count > this.count) return this.windowMs;
    // Not `at + window - now`, which rounding may make longer than the window.
    const ageMs = now - this.#at(this.#head + count - 1);
    return Math.max(1, Math.ceil(this.windowMs - ageMs));
  }

  #at(index: number): number {
    return this.#times[index] ?? Infinity;
  }
}
