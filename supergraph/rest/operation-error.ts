import type { GraphQLFormattedError } from 'graphql';
import { AppError, type InputIssue } from '#shared/errors/app-error.js';
import { isErrorCode } from '#shared/errors/error-codes.js';

/** Variables that a REST client does not know of: what is in them came from the body or the query itself. */
const WRAPPERS = /^(?:input|range)\./;

/** An operation's error, as an error of the route that ran it: fields have the names they have in the request. */
export function operationError({ message, extensions }: GraphQLFormattedError): AppError {
  const code = isErrorCode(extensions?.['code']) ? extensions['code'] : 'INTERNAL_SERVER_ERROR';
  const issues = ((extensions?.['issues'] ?? []) as InputIssue[]).map((issue) => ({
    ...issue,
    path: issue.path.replace(WRAPPERS, ''),
    message: issue.message.replace(WRAPPERS, ''),
  }));
  const text = issues.length > 0 ? issues.map((issue) => issue.message).join(' ') : message.replace(WRAPPERS, '');
  const retryAfterSec = extensions?.['retryAfterSec'] as number | undefined;
  return new AppError(code, text, { issues, retryAfterSec });
}
