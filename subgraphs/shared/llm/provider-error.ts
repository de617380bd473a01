import { APICallError, RetryError } from 'ai';
import { AppError } from '#shared/errors/app-error.js';
import { abortError } from './cancellation.js';

/**
 * What a client hears of a failed provider call: fixed words by kind. The provider's own words, which may hold its address,
 * the prompt or more, stay in `cause`.
 */
export function providerError(error: unknown, signal: AbortSignal): AppError {
  if (error instanceof AppError) return error;
  if (signal.aborted) return abortError(signal);
  const last = RetryError.isInstance(error) ? error.lastError : error;
  if (APICallError.isInstance(last) && last.statusCode === 429) {
    return new AppError('RATE_LIMITED', 'The model provider is busy. Try again in a while.', { cause: error });
  }
  if (APICallError.isInstance(last) && (last.statusCode === 408 || last.statusCode === 504)) {
    return new AppError('UPSTREAM_TIMEOUT', 'The model did not answer in time.', { cause: error });
  }
  return new AppError('UPSTREAM_ERROR', 'The model provider failed.', { cause: error });
}
