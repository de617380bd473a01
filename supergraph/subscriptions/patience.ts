import { setTimeout } from 'node:timers/promises';
import { ExponentialBackoff, type IBackoff } from 'cockatiel';

const PAUSES = new ExponentialBackoff({ initialDelay: 50, maxDelay: 1_000 });
/** Longer than an attempt takes that comes to nothing: what lasted so long was a line, though it may have brought nothing. */
const HELD_MS = 10_000;

/** For how long, and how often, something is tried again. Pauses grow, and differ from reader to reader. */
export class Patience {
  #since: number | undefined;
  #attemptAt = -Infinity;
  #pause: IBackoff<unknown> = PAUSES.next();

  constructor(private readonly withinMs: number) {}

  attempt(): void {
    this.#attemptAt = performance.now();
  }

  /** Something has come of it. */
  renew(): void {
    this.#since = undefined;
    this.#pause = PAUSES.next();
  }

  /** Waits for the next attempt. False when it is too late for one, or the signal aborts. */
  async pause(signal: AbortSignal): Promise<boolean> {
    const now = performance.now();
    if (now - this.#attemptAt >= HELD_MS) this.renew();
    this.#since ??= now;
    const { duration } = this.#pause;
    if (now + duration - this.#since > this.withinMs) return false;
    this.#pause = this.#pause.next(undefined);
    return setTimeout(duration, true, { signal, ref: false }).catch(() => false);
  }
}
