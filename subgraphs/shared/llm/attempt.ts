import type { ErrorCode } from '#shared/errors/error-codes.js';

/** A provider's model, as records and costs name it. */
export interface ModelRef {
  readonly provider: string;
  readonly model: string;
}

/** Who is asked first for an answer. */
export interface Addressee extends ModelRef {
  /** Whether nobody else is asked where that one fails. Not so where it is not said. */
  readonly isAlone?: boolean | undefined;
}

/** One call to a provider, or one that was not made because its circuit breaker is open. */
export interface Attempt extends ModelRef {
  /** `ok`, the code of the failure (the provider's, or of who was to hear the answer), or `skipped`. */
  readonly outcome: 'ok' | 'skipped' | ErrorCode;
  /** The HTTP status that the provider failed with, where it sent one. */
  readonly status?: number;
  readonly latencyMs: number;
}
