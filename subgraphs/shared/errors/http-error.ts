import { GraphQLError } from 'graphql';
import { ERROR_CODES } from './error-codes.js';
import { publicErrorOf } from './public-error.js';

/** Apollo answers 500 to whatever goes wrong before an operation runs, unless the error names its own status. */
export function toHttpError(error: unknown): GraphQLError {
  const { code, message } = publicErrorOf(error);
  return new GraphQLError(message, {
    ...(error instanceof Error && { originalError: error }),
    extensions: { code, http: { status: ERROR_CODES[code].http } },
  });
}
