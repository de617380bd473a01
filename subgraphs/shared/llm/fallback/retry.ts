import type { ProviderError } from '../provider-error.js';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 8_000;
/** With another provider at hand, nobody waits longer than this for one that asks for patience. */
const PATIENCE_MS = 2_000;

export interface RetryTerms {
  /** How often it was tried again already. */
  readonly retries: number;
  readonly maxRetries: number;
  /** How much time this provider has left. */
  readonly leftMs: number;
  /** Whether another provider can be asked instead. */
  readonly hasNext: boolean;
  readonly random: () => number;
}

/**
 * Milliseconds to wait before the same call is tried again; null when it is not: the failure will not pass, it was tried often enough,
 * or the wait would be too long. The provider's own `Retry-After` goes before ours: exponential, each half fixed and half by chance.
 */
export function pauseBeforeRetry({ fault, retryAfterMs }: ProviderError, terms: RetryTerms): number | null {
  if (fault !== 'transient' || terms.retries >= terms.maxRetries) return null;
  const step = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** terms.retries);
  const pauseMs = retryAfterMs ?? step * (0.5 + terms.random() / 2);
  if (pauseMs >= terms.leftMs || (terms.hasNext && pauseMs > PATIENCE_MS)) return null;
  return pauseMs;
}
