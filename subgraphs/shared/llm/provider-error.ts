import { AppError } from '#shared/errors/app-error.js';
import type { ErrorCode } from '#shared/errors/error-codes.js';
import type { Attempt } from './attempt.js';
import type { FailedAttempts } from './failed-attempts.js';
import type { Spending } from './llm.port.js';

/**
 * Whose fault a failed call was, which decides what follows:
 * `transient` (408, 429, 5xx, a lost connection) may pass: it is tried again, and counts against the provider;
 * `unusable` (a wrong key, garbage, no answer) and `timeout` count too, and are not tried again;
 * `refused` (400, 404, 413, 422, a content filter, no word before the limit of tokens) is about this one request, and does not count;
 * `cancelled` ends everything: whoever asked is gone; `stopping` too: this process is going.
 */
export type Fault = 'transient' | 'unusable' | 'timeout' | 'refused' | 'cancelled' | 'stopping';

export interface ProviderErrorOptions {
  /** The HTTP status that the provider answered with. */
  readonly status?: number;
  /** How long the provider asks to be left alone. */
  readonly retryAfterMs?: number | undefined;
  /** Whether it was sent and nobody knows what became of it; see `withSpending`. False by default. */
  readonly mayBeCharged?: boolean;
  /** What it took, where that is known. */
  readonly spent?: Spending;
  /** For the log; must hold neither keys nor anything of the prompt. */
  readonly cause?: unknown;
  /** Fixed words of ours that say more than the usual ones. */
  readonly message?: string;
}

/** A call to a provider failed. What a client hears is fixed words by kind; the provider's own may hold its address, the prompt or more. */
export class ProviderError extends AppError implements FailedAttempts {
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  /** Everything that was tried, this failure last; filled in when it is final. */
  attempts: readonly Attempt[] = [];
  readonly mayBeCharged: boolean;
  /** By this call; of all calls for one request, once it is final. Absent for nothing. */
  spent: Spending | undefined;
  /** Filled in by who made several calls for one request. */
  progress: Readonly<Record<string, unknown>> | undefined;

  constructor(
    readonly fault: Fault,
    { status, retryAfterMs, mayBeCharged = false, spent, cause, message }: ProviderErrorOptions = {},
  ) {
    const [code, words] = publicWords(fault, status);
    super(code, message ?? words, {
      cause,
      retryAfterSec: code === 'RATE_LIMITED' ? secondsOf(retryAfterMs) : undefined,
    });
    this.status = status;
    this.retryAfterMs = retryAfterMs;
    this.mayBeCharged = mayBeCharged;
    this.spent = spent;
  }
}

/** A provider may ask for anything; more than an hour says no more than an hour does. */
const LONGEST_RETRY_SEC = 3_600;

function secondsOf(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.min(LONGEST_RETRY_SEC, Math.max(1, Math.ceil(ms / 1_000)));
}

const REFUSALS: ReadonlySet<number> = new Set([400, 404, 413, 422]);

export function faultOfStatus(status: number): Fault {
  if (status === 408 || status === 429 || status >= 500) return 'transient';
  return REFUSALS.has(status) ? 'refused' : 'unusable';
}

function publicWords(fault: Fault, status: number | undefined): [ErrorCode, string] {
  if (fault === 'cancelled') return ['CLIENT_CLOSED_REQUEST', 'The request was cancelled.'];
  if (fault === 'stopping') return ['SERVICE_UNAVAILABLE', 'The service is going away. Ask again.'];
  if (status === 429) return ['RATE_LIMITED', 'The model provider is busy. Try again in a while.'];
  if (fault === 'timeout' || status === 408 || status === 504) {
    return ['UPSTREAM_TIMEOUT', 'The model did not answer in time.'];
  }
  if (fault === 'refused') return ['UPSTREAM_ERROR', 'The model provider refused the request.'];
  return ['UPSTREAM_ERROR', 'The model provider failed.'];
}
