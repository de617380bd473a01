import type { Clock, MemoryRateLimiter } from './memory-rate-limiter.js';
import type { Charge, RateLimiter, Verdict } from './rate-limiter.port.js';

export interface ResilientRateLimiterOptions {
  /** Decides as long as it answers; throws when it does not. */
  readonly shared: RateLimiter;
  /** On the same clock as this. */
  readonly local: MemoryRateLimiter;
  readonly now?: Clock;
  /** How long the shared limiter is left alone after it failed; then one request tries it. Default 1000. */
  readonly coolDownMs?: number;
}

/**
 * Never open and never closed: a shared limiter decides, and while it is away this process does, by its own memory.
 *
 * While the shared limiter is away each replica enforces the full limit by itself, on all that it has itself accepted in the
 * window. What the shared limiter accepts for it is therefore noted locally too: switching over in the middle of a window
 * gives nobody a second budget at the replica that served them. Over all replicas one budget can reach replicas × limit.
 *
 * When the shared limiter is back, it decides again on what it knows. What was accepted meanwhile, at most replicas × limit,
 * is not written back: in the one window around its return up to limit more may be accepted, on top of that.
 */
export class ResilientRateLimiter implements RateLimiter {
  readonly #shared: RateLimiter;
  readonly #local: MemoryRateLimiter;
  readonly #now: Clock;
  readonly #coolDownMs: number;
  /** `away`: the shared limiter failed, and is not asked before then. */
  #state: { readonly is: 'present' } | { readonly is: 'away'; readonly untilMs: number } = { is: 'present' };

  constructor({ shared, local, now = () => performance.now(), coolDownMs = 1_000 }: ResilientRateLimiterOptions) {
    this.#shared = shared;
    this.#local = local;
    this.#now = now;
    this.#coolDownMs = coolDownMs;
  }

  async consume(charges: readonly Charge[]): Promise<Verdict> {
    const verdict = this.#mayAsk() ? await this.#ask(charges) : null;
    return verdict ?? this.#local.decide(charges);
  }

  /** Null when the shared limiter did not decide; saying why is its own job. */
  async #ask(charges: readonly Charge[]): Promise<Verdict | null> {
    const settle = this.#local.hold(charges);
    const verdict = await this.#shared.consume(charges).catch(() => null);
    settle(verdict?.accepted ?? false);
    if (verdict) this.#state = { is: 'present' };
    else this.#leaveAlone();
    return verdict;
  }

  /** Of those that come when the time is up, only the first finds out: the others would all wait for the same timeout. */
  #mayAsk(): boolean {
    if (this.#state.is === 'present') return true;
    if (this.#now() < this.#state.untilMs) return false;
    this.#leaveAlone();
    return true;
  }

  #leaveAlone(): void {
    this.#state = { is: 'away', untilMs: this.#now() + this.#coolDownMs };
  }
}
