import { AppError } from '#shared/errors/app-error.js';

/** What whoever needs the store hears when it does not do as it should. */
export function storeUnavailable(cause: unknown): AppError {
  return new AppError('SERVICE_UNAVAILABLE', 'The history store is not available.', { cause });
}
