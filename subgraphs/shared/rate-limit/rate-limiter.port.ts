/** What one request asks of one budget. */
export interface Charge {
  /** Whose budget for what, such as `user:<id>:generateImage`. One key always comes with one window. */
  readonly key: string;
  /** How many may be accepted in any trailing window; 0 accepts none. */
  readonly limit: number;
  readonly windowMs: number;
  /** How many of them this request takes, 1 or more. */
  readonly cost: number;
}

/** How a budget stands after the request was decided. */
export interface Budget {
  readonly key: string;
  readonly limit: number;
  readonly windowMs: number;
  /** How many more would be accepted now. */
  readonly remaining: number;
  /** Until the oldest accepted one leaves the window, and one more is free; 0 when the budget is untouched. */
  readonly resetMs: number;
}

/** `budgets`: one for each key, in the order in which the request named them first. */
export type Verdict =
  | { readonly accepted: true; readonly budgets: readonly Budget[] }
  /**
   * `retryAfterMs`: when the same request would be accepted if nobody else came; never 0. The whole window for a request
   * that costs more than the limit, which is never accepted.
   */
  | { readonly accepted: false; readonly budgets: readonly Budget[]; readonly retryAfterMs: number };

/**
 * A sliding log: no trailing window (now - windowMs, now] of any position ever holds more accepted charges than the limit.
 * One request's charges are accepted together or not at all, charges of one key add up, and a request that is refused
 * counts for nothing.
 */
export interface RateLimiter {
  /** Throws RangeError for charges that make no sense, such as a cost of 0 or two windows of one key. */
  consume(charges: readonly Charge[]): Promise<Verdict>;
}
