import type { FastifyInstance } from 'fastify';
import { parseKeySet } from '#shared/context/key-set.js';

const MAX_AGE_SEC = 300;

/** `/.well-known/jwks.json` (RFC 7517): the keys that access tokens are checked with, for services outside the platform. */
export function serveJwks(server: FastifyInstance, publicKeys: string): void {
  const keys = parseKeySet(publicKeys).map(({ kid, key }) => ({
    ...key.export({ format: 'jwk' }),
    kid,
    alg: 'RS256',
    use: 'sig',
  }));
  server.get('/.well-known/jwks.json', async (_request, reply) =>
    reply.header('cache-control', `public, max-age=${MAX_AGE_SEC}`).type('application/jwk-set+json').send({ keys }),
  );
}
