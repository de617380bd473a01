import { AppError } from '#shared/errors/app-error.js';
import type { Attempt } from './attempt.js';
import type { Spending } from './llm.port.js';

/** A failure that knows what was tried before it was final. */
export interface FailedAttempts {
  readonly attempts: readonly Attempt[];
  /** By calls that went well before another failed; they were of no use, and are charged for all the same. */
  readonly spent?: Spending | undefined;
  /** How far it had come; joins `record.meta`. */
  readonly progress?: Readonly<Record<string, unknown>> | undefined;
}

/** What was tried before this was thrown; nothing for an error that no provider caused. */
export function attemptsOf(error: unknown): FailedAttempts {
  return error instanceof AppError && 'attempts' in error ? (error as AppError & FailedAttempts) : { attempts: [] };
}
