import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';
import { REQUEST_ID_HEADER } from '#shared/context/request-id.js';

const PREFLIGHT_MAX_AGE_SEC = 600;

/** What browsers are told: which origins may call, and that our pages load nothing from elsewhere. */
export async function registerBrowserRules(server: FastifyInstance, origins: readonly string[]): Promise<void> {
  await server.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        // Swagger UI sets sizes on its elements.
        styleSrc: ["'self'", "'unsafe-inline'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    frameguard: { action: 'deny' },
    // Whether a site is reachable by HTTPS only is for whoever terminates TLS to say.
    strictTransportSecurity: false,
  });
  if (origins.length === 0) return;
  await server.register(cors, {
    origin: [...origins],
    methods: ['GET', 'HEAD', 'POST'],
    allowedHeaders: [
      ...['authorization', 'content-type', REQUEST_ID_HEADER, 'apollo-require-preflight'],
      ...['idempotency-key', 'last-event-id'],
    ],
    exposedHeaders: [REQUEST_ID_HEADER, 'ratelimit', 'ratelimit-policy', 'retry-after'],
    maxAge: PREFLIGHT_MAX_AGE_SEC,
  });
}
