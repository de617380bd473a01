import { mergeCharges } from './merge-charges.js';
import type { Budget, Charge, RateLimiter, Verdict } from './rate-limiter.port.js';
import { SlidingLog } from './sliding-log.js';

/** A monotonic clock, in ms. */
export type Clock = () => number;

/** How many keys each request inspects on its way. More than one, so that stale keys go faster than new ones come. */
const SWEPT_PER_CHARGE = 2;

/**
 * Budgets in the memory of this process. It keeps one number for each charge accepted in the last window, and forgets keys
 * without any as requests come by: no timer, and no pause to sweep all of them at once.
 */
export class MemoryRateLimiter implements RateLimiter {
  readonly #logs = new Map<string, SlidingLog>();
  #sweep = this.#logs.entries();

  constructor(private readonly now: Clock = () => performance.now()) {}

  /** How many keys are in memory. */
  get size(): number {
    return this.#logs.size;
  }

  async consume(charges: readonly Charge[]): Promise<Verdict> {
    return this.decide(charges);
  }

  /** As {@link consume}, at once. */
  decide(charges: readonly Charge[]): Verdict {
    const merged = mergeCharges(charges);
    const now = this.now();
    this.#forgetStale(now, merged.length);
    const waits = merged.map((charge) => {
      const log = this.#logs.get(charge.key);
      log?.prune(now);
      const excess = (log?.count ?? 0) + (log?.held ?? 0) + charge.cost - charge.limit;
      if (excess <= 0) return 0;
      return log?.untilFree(excess, now) ?? charge.windowMs;
    });
    const retryAfterMs = Math.max(0, ...waits);
    if (retryAfterMs === 0) for (const charge of merged) this.#log(charge).add(now, charge.cost);
    const budgets = merged.map((charge) => this.#budget(charge, now));
    return retryAfterMs === 0 ? { accepted: true, budgets } : { accepted: false, budgets, retryAfterMs };
  }

  /**
   * Counts charges as if they were accepted while another limiter decides them, so that whatever is decided here in the
   * meantime stays within the limit. To be settled exactly once: with `true` they were accepted, now; with `false` not.
   */
  hold(charges: readonly Charge[]): (accepted: boolean) => void {
    const merged = mergeCharges(charges);
    for (const charge of merged) this.#log(charge).held += charge.cost;
    return (accepted) => {
      const now = this.now();
      this.#forgetStale(now, merged.length);
      for (const charge of merged) {
        const log = this.#log(charge);
        log.prune(now);
        log.held -= charge.cost;
        if (accepted) log.add(now, charge.cost);
        if (log.isEmpty) this.#logs.delete(charge.key);
      }
    };
  }

  #log({ key, windowMs }: Charge): SlidingLog {
    const known = this.#logs.get(key);
    if (known) return known;
    const log = new SlidingLog(windowMs);
    this.#logs.set(key, log);
    return log;
  }

  #budget({ key, limit, windowMs }: Charge, now: number): Budget {
    const log = this.#logs.get(key);
    const remaining = Math.max(0, limit - (log?.count ?? 0) - (log?.held ?? 0));
    return { key, limit, windowMs, remaining, resetMs: log?.count ? log.untilFree(1, now) : 0 };
  }

  #forgetStale(now: number, charges: number): void {
    for (let left = Math.min(charges * SWEPT_PER_CHARGE, this.#logs.size); left > 0; left -= 1) {
      const next = this.#sweep.next();
      if (next.done) {
        this.#sweep = this.#logs.entries();
        continue;
      }
      const [key, log] = next.value;
      log.prune(now);
      if (log.isEmpty) this.#logs.delete(key);
    }
  }
}
