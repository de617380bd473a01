/** What one request asks of one budget. */
export interface Charge {
  /** Whose budget for what, such as `user:<id>:generateImage`. Keys of one request share the part before the last colon. */
  readonly key: string;
  /** How many may be accepted in any trailing window. */
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

export type Verdict =
  | { readonly accepted: true; readonly budgets: readonly Budget[] }
  /** `retryAfterMs`: when the same request would be accepted if nobody else came; never 0. */
  | { readonly accepted: false; readonly budgets: readonly Budget[]; readonly retryAfterMs: number };

/**
 * A sliding log: no trailing window of any position ever holds more accepted charges than the limit. One request's charges
 * are accepted together or not at all, and one that is refused counts for nothing.
 */
export interface RateLimiter {
  consume(charges: readonly Charge[]): Promise<Verdict>;
}
