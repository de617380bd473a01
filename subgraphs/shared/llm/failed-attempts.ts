import { AppError } from '#shared/errors/app-error.js';
import type { Attempt } from './attempt.js';
import type { Spending } from './llm.port.js';

/** A failure that knows what was tried before it was final. */
export interface FailedAttempts {
  readonly attempts: readonly Attempt[];
  /** By all calls: those that failed, and those that went well before another failed and are charged for all the same. */
  readonly spent?: Spending | undefined;
  /** How far it had come; joins `record.meta`. */
  readonly progress?: Readonly<Record<string, unknown>> | undefined;
}

/** Beside errors that are not ours to write on. */
const noted = new WeakMap<object, FailedAttempts>();

/** Says what was tried before `error`, which no provider caused. */
export function noteAttempts(error: unknown, failed: FailedAttempts): void {
  if (typeof error === 'object' && error !== null) noted.set(error, failed);
}

/** What was tried before this was thrown; nothing for an error that came before any provider was asked. */
export function attemptsOf(error: unknown): FailedAttempts {
  if (error instanceof AppError && 'attempts' in error) return error as AppError & FailedAttempts;
  return (error instanceof Error && noted.get(error)) || { attempts: [] };
}
