import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '#shared/errors/app-error.js';
import type { Logger } from '#shared/logging/logger.js';
import { REQUEST_ID_HEADER, requestIdOf, USER_ID_HEADER } from './request-id.js';
import type { TokenVerifier } from './token-verifier.js';
import type { Viewer } from './viewer.js';

/** What every resolver of every subgraph can rely on. */
export interface RequestContext {
  readonly viewer: Viewer | null;
  /** UUID that ties the HTTP request, the record, the event and the log lines together. */
  readonly requestId: string;
  readonly log: Logger;
  /** Aborts when the client leaves or the request's deadline passes. */
  readonly signal: AbortSignal;
}

/** The caller by its bearer token; null without one. Throws UNAUTHENTICATED for a token that does not hold. */
export function viewerOf(headers: IncomingHttpHeaders, verify: TokenVerifier): Viewer | null {
  const { authorization } = headers;
  if (authorization === undefined) return null;
  const token = /^Bearer ([\w.~+/-]+=*)$/i.exec(authorization)?.[1];
  if (!token) throw new AppError('UNAUTHENTICATED', 'The Authorization header must be "Bearer <token>".');
  return verify(token);
}

/**
 * Builds the context of one request to a subgraph. The token alone says who calls; an `X-User-Id` that says otherwise
 * is refused, so that no path can be built on the header.
 */
export function requestContextOf(
  headers: IncomingHttpHeaders,
  { verify, log, signal }: { verify: TokenVerifier; log: Logger; signal: AbortSignal },
): RequestContext {
  const requestId = requestIdOf(headers[REQUEST_ID_HEADER]);
  const viewer = viewerOf(headers, verify);
  const claimed = headers[USER_ID_HEADER];
  if (claimed !== undefined && (viewer?.kind !== 'user' || viewer.id !== claimed)) {
    throw new AppError('UNAUTHENTICATED', 'X-User-Id does not match the access token.');
  }
  return { viewer, requestId, log: log.child({ requestId }), signal };
}
