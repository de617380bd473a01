import type { GraphQLFormattedError } from 'graphql';
import { AppError, badInputs, type InputIssue } from '#shared/errors/app-error.js';
import { isErrorCode, type ErrorCode } from '#shared/errors/error-codes.js';

/** A parameter of a route whose words for what it takes are its own, following "must be". */
interface OwnWords {
  readonly name: string;
  readonly accepted?: string;
}

/** Variables that a REST client does not know of: what is in them came from the body or the query itself. */
const WRAPPERS = /^(?:input|range)\./;
/** The body as a whole. */
const BODY = /^input(?=$| )/;

/**
 * The errors of an operation as the one of the route that ran it: the first, or all that is wrong with the input; the issues of
 * all that have its code come along. Fields have the names they have in the request. Takes at least one.
 */
export function operationError(errors: readonly GraphQLFormattedError[], query: readonly OwnWords[] = []): AppError {
  const [{ message, extensions } = { message: '', extensions: {} }] = errors;
  const code = codeOf(extensions);
  const issues = errors
    .filter((error) => codeOf(error.extensions) === code)
    .flatMap((error) => (error.extensions?.['issues'] ?? []) as InputIssue[])
    .map((issue) => asRequested(issue, query));
  if (code === 'BAD_USER_INPUT' && issues.length > 0) return badInputs(issues);
  const retryAfterSec = extensions?.['retryAfterSec'] as number | undefined;
  return new AppError(code, unwrapped(message), { issues, retryAfterSec });
}

function codeOf(extensions: GraphQLFormattedError['extensions']): ErrorCode {
  const code = extensions?.['code'];
  return isErrorCode(code) ? code : 'INTERNAL_SERVER_ERROR';
}

function asRequested({ path, rule, message }: InputIssue, query: readonly OwnWords[]): InputIssue {
  const name = path.replace(WRAPPERS, '').replace(BODY, 'body');
  const accepted = rule === 'type' ? query.find((parameter) => parameter.name === name)?.accepted : undefined;
  return { path: name, rule, message: accepted ? `${name} must be ${accepted}.` : unwrapped(message) };
}

function unwrapped(message: string): string {
  return message.replace(WRAPPERS, '').replace(BODY, 'The request body');
}
