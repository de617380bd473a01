import type { InputIssue } from './app-error.js';
import { ERROR_CODES, type ErrorCode } from './error-codes.js';
import type { PublicError } from './public-error.js';

export const PROBLEM_CONTENT_TYPE = 'application/problem+json';

/** A problem document (RFC 9457) with our code, the request id, and what is wrong with the input. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  readonly requestId: string;
  readonly issues?: readonly InputIssue[];
}

export function problemOf({ code, message, issues }: PublicError, requestId: string): Problem {
  const { http, title } = ERROR_CODES[code];
  return {
    type: 'about:blank',
    title,
    status: http,
    detail: message,
    code,
    requestId,
    ...(issues.length > 0 && { issues }),
  };
}
