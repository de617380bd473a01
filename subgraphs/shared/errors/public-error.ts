import { GraphQLError, type GraphQLFormattedError, type GraphQLSchema } from 'graphql';
import { AppError, type InputIssue } from './app-error.js';
import { coercionIssue } from './coercion-issue.js';
import { ERROR_CODES, isErrorCode, type ErrorCode } from './error-codes.js';
import { literalIssue } from './literal-issue.js';

/** Everything of an error that may leave the platform. */
export interface PublicError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly issues: readonly InputIssue[];
  /** See `AppErrorOptions`. */
  readonly retryAfterSec?: number | undefined;
}

/** Messages of these codes are written by graphql-js about the client's own document, and name nothing of ours. */
const DOCUMENT_CODES: ReadonlySet<ErrorCode> = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'BAD_REQUEST',
]);

const MASKED: PublicError = { code: 'INTERNAL_SERVER_ERROR', message: 'Something went wrong on our side.', issues: [] };

/**
 * Rebuilds an error from the allowlist: whatever is not known to be public becomes INTERNAL_SERVER_ERROR.
 * Takes anything that can be thrown, wrapped in a GraphQLError or not; the schema, where the error is of an operation on one,
 * tells what a field may hold that was given something else.
 */
export function publicErrorOf(thrown: unknown, schema?: GraphQLSchema): PublicError {
  for (let error = thrown; error instanceof Error; error = originOf(error)) {
    if (error instanceof AppError) {
      const { code, message, issues, retryAfterSec } = error;
      return { code, message, issues, ...(retryAfterSec !== undefined && { retryAfterSec }) };
    }
    const issue = coercionIssue(error, schema) ?? (schema && literalIssue(error, schema));
    if (issue) return { code: 'BAD_USER_INPUT', message: issue.message, issues: [issue] };
    if (error instanceof GraphQLError) {
      const { code } = error.extensions;
      if (isErrorCode(code) && DOCUMENT_CODES.has(code)) {
        return { code, message: withoutSuggestions(error.message), issues: [] };
      }
    }
  }
  return MASKED;
}

/** The GraphQL form: code and retryability in `extensions`, plus `issues` where the input was at fault, and `retryAfterSec`. */
export function formattedErrorOf(formatted: GraphQLFormattedError, found: PublicError): GraphQLFormattedError {
  return {
    message: found.message,
    ...(formatted.locations && { locations: formatted.locations }),
    ...(formatted.path && { path: formatted.path }),
    extensions: {
      code: found.code,
      retryable: ERROR_CODES[found.code].retryable,
      ...(found.issues.length > 0 && { issues: found.issues }),
      ...(found.retryAfterSec !== undefined && { retryAfterSec: found.retryAfterSec }),
    },
  };
}

function withoutSuggestions(message: string): string {
  const at = message.endsWith('?') ? message.lastIndexOf(' Did you mean ') : -1;
  return at < 0 ? message : message.slice(0, at);
}

function originOf(error: Error): unknown {
  return error instanceof GraphQLError ? error.originalError : undefined;
}
