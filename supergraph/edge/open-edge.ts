import type { FastifyReply, FastifyRequest } from 'fastify';
import { invalidToken } from '#shared/context/invalid-token.js';
import { viewerOf } from '#shared/context/request-context.js';
import type { TokenVerifier } from '#shared/context/token-verifier.js';
import type { Viewer } from '#shared/context/viewer.js';
import type { Logger } from '#shared/logging/logger.js';
import type { EdgeContext } from './edge-context.js';

/** Builds the context of one request at the door. Throws UNAUTHENTICATED for a token that does not hold. */
export type EdgeContextOf = (request: FastifyRequest, reply: FastifyReply) => EdgeContext;

/** What a client says of itself in `X-User-Id` or `X-Forwarded-For` is not read here, and so goes nowhere. */
export function createEdgeContext(verify: TokenVerifier): EdgeContextOf {
  return (request, reply) => {
    assertOneAuthorization(request);
    const viewer = userOnly(viewerOf(request.headers, verify));
    return {
      viewer,
      accessToken: viewer ? (request.headers.authorization?.slice('Bearer '.length) ?? null) : null,
      requestId: request.id,
      clientIp: request.ip,
      userAgent: request.headers['user-agent'] ?? null,
      log: request.log as Logger,
      tell: (header, value) => void reply.header(header, value),
      signal: clientSignal(reply),
    };
  };
}

/** Node keeps the first of several and drops the others; whoever stands before us may have looked at another one. */
function assertOneAuthorization({ raw }: FastifyRequest): void {
  if ((raw.headersDistinct['authorization']?.length ?? 0) > 1) throw invalidToken();
}

/** Services talk to each other directly; a service token has no business at the public door. */
function userOnly(viewer: Viewer | null) {
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
