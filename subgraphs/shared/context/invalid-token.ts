import { AppError } from '#shared/errors/app-error.js';

/** The one answer to every access token that does not hold, whatever is wrong with it. */
export function invalidToken(cause?: unknown): AppError {
  return new AppError('UNAUTHENTICATED', 'The access token is not valid or has expired.', { cause });
}
