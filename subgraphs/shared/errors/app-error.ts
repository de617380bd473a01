import { ERROR_CODES, isErrorCode, type ErrorCode } from './error-codes.js';

/** One broken rule of one input field, as a client may see it. */
export interface InputIssue {
  /** Where the value stands in the request, as in JSONPath: `input.messages[0].role`. */
  readonly path: string;
  /** The rule's name, e.g. `isEmail` or `maxLength`. */
  readonly rule: string;
  /** The rule in words; never the value. */
  readonly message: string;
}

export interface AppErrorOptions {
  /** For the log only; never reaches a client. */
  readonly cause?: unknown;
  /** What is wrong with the input, field by field. */
  readonly issues?: readonly InputIssue[];
  /** After how many seconds the same request may go well, where that is known; a whole number. */
  readonly retryAfterSec?: number | undefined;
}

/** The one error the platform throws on purpose: its code and message are public, its cause is not. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly issues: readonly InputIssue[];
  readonly retryAfterSec: number | undefined;

  constructor(
    readonly code: ErrorCode,
    publicMessage: string,
    options: AppErrorOptions = {},
  ) {
    super(publicMessage, options.cause === undefined ? undefined : { cause: options.cause });
    this.issues = options.issues ?? [];
    this.retryAfterSec = options.retryAfterSec;
  }
}

/** Shorthand for the commonest refusal: one field breaks one rule. */
export function badInput(path: string, rule: string, message: string): AppError {
  return badInputs([{ path, rule, message }]);
}

/** A refusal of an input for all that is wrong with it. */
export function badInputs(issues: readonly InputIssue[]): AppError {
  return new AppError('BAD_USER_INPUT', issues.map(({ message }) => message).join(' '), { issues });
}

/** A failure of which only the code is kept, as in a record; it is told in the words of the catalogue, which always hold. */
export function failureOf(code: unknown): AppError {
  const known = isErrorCode(code) ? code : 'INTERNAL_SERVER_ERROR';
  return new AppError(known, `${ERROR_CODES[known].title}.`);
}
