import { MongoBulkWriteError, MongoNetworkError, MongoServerSelectionError } from 'mongodb';
import { AppError } from '#shared/errors/app-error.js';

/**
 * Waits for the database. Throws SERVICE_UNAVAILABLE where it cannot be reached, so that a caller knows to come back.
 * For answers of a connection or a collection: the entity manager's own methods hide what kind of error it was.
 */
export async function reached<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    if (!isUnreachable(cause)) throw cause;
    throw new AppError('SERVICE_UNAVAILABLE', 'Analytics is temporarily unavailable.', { cause });
  }
}

function isUnreachable(error: unknown): boolean {
  // A bulk write wraps whatever kept it from being sent.
  const origin: unknown = error instanceof MongoBulkWriteError ? error.errorResponse : error;
  return origin instanceof MongoNetworkError || origin instanceof MongoServerSelectionError;
}
