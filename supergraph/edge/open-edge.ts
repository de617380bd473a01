import type { FastifyReply, FastifyRequest } from 'fastify';
import { invalidToken } from '#shared/context/invalid-token.js';
import { viewerOf } from '#shared/context/request-context.js';
import type { TokenVerifier } from '#shared/context/token-verifier.js';
import type { UserViewer, Viewer } from '#shared/context/viewer.js';
import type { Logger } from '#shared/logging/logger.js';
import type { EdgeContext } from './edge-context.js';

/**
 * What the `Authorization` header is to a request: who asks, or nothing at all. It is ignored where nobody needs to be signed
 * in, above all for signing in: a client that attaches its token to every request must be able to replace one that has expired.
 */
export type Authorization = 'verified' | 'ignored';

/** Builds the context of one request at the door. Throws UNAUTHENTICATED for a token that is to be verified and does not hold. */
export type EdgeContextOf = (
  request: FastifyRequest,
  reply: FastifyReply,
  authorization?: Authorization,
) => EdgeContext;

/** What a client says of itself in `X-User-Id` or `X-Forwarded-For` is not read here, and so goes nowhere. */
export function createEdgeContext(verify: TokenVerifier): EdgeContextOf {
  return (request, reply, authorization = 'verified') => {
    const viewer = authorization === 'verified' ? verifiedViewer(request, verify) : null;
    return {
      viewer,
      accessToken: viewer ? (request.headers.authorization?.slice('Bearer '.length) ?? null) : null,
      requestId: request.id,
      clientIp: request.ip,
      userAgent: request.headers['user-agent'] ?? null,
      log: request.log as Logger,
      setReplyHeader: (header, value) => void reply.header(header, value),
      signal: clientSignal(reply),
    };
  };
}

function verifiedViewer(request: FastifyRequest, verify: TokenVerifier): UserViewer | null {
  assertOneAuthorization(request);
  return userOnly(viewerOf(request.headers, verify));
}

/** Node keeps the first of several and drops the others; whoever stands before us may have looked at another one. */
function assertOneAuthorization({ raw }: FastifyRequest): void {
  if ((raw.headersDistinct['authorization']?.length ?? 0) > 1) throw invalidToken();
}

/** Services talk to each other directly; a service token has no business at the public door. */
function userOnly(viewer: Viewer | null): UserViewer | null {
  if (viewer?.kind === 'service') throw invalidToken();
  return viewer;
}

function clientSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort(new Error('the client left'));
  });
  return gone.signal;
}
