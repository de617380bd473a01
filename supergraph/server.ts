import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { ApolloServer } from '@apollo/server';
import type { FastifyInstance } from 'fastify';
import type { Logger } from '#shared/logging/logger.js';
import { serveHealth, type ReadinessCheck } from '#shared/server/health.js';
import { createHttpServer } from '#shared/server/http-server.js';
import { serveMetrics } from '#shared/server/metrics.js';
import type { SupergraphConfig } from './config.js';
import { registerBrowserRules } from './edge/browser-rules.js';
import type { EdgeContext } from './edge/edge-context.js';
import type { EdgeContextOf } from './edge/open-edge.js';
import type { DocumentGuard } from './edge/document-guard.js';
import { guardDocuments } from './edge/guard-documents.js';
import { serveJwks } from './edge/jwks.js';
import { refuseOtherMethods } from './edge/other-methods.js';
import { isSignInRequest } from './edge/sign-in-operation.js';
import { toHttpError } from '#shared/errors/http-error.js';
import { createOperationExecutor } from './graphql-server.js';
import { sendBrowsersHome } from './pages/send-browsers-home.js';
import { registerPages } from './pages/register-pages.js';
import { registerRest } from './rest/register-rest.js';
import type { StreamDoor } from './sse/open-stream-door.js';

const REQUEST_TIMEOUT_MS = 30_000;
const GRAPHQL_PATH = '/graphql';
const GRAPHQL_METHODS = ['GET', 'POST'] as const;

export function createDoor(config: SupergraphConfig, log: Logger): FastifyInstance {
  return createHttpServer({
    log,
    maxBodyBytes: config.MAX_BODY_BYTES,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    trustedProxies: config.TRUSTED_PROXIES,
  });
}

export interface DoorParts {
  readonly config: SupergraphConfig;
  readonly apollo: ApolloServer<EdgeContext>;
  readonly edgeContextOf: EdgeContextOf;
  readonly guard: DocumentGuard;
  readonly streams: StreamDoor;
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
}

/** Everything that answers on the one port: GraphQL, REST, pages, health, metrics. */
export async function registerRoutes(server: FastifyInstance, parts: DoorParts): Promise<void> {
  const { config, apollo, edgeContextOf, checks, guard, streams } = parts;
  await registerBrowserRules(server, config.CORS_ORIGIN);
  serveHealth(server, checks);
  serveMetrics(server, 'supergraph');
  serveJwks(server, config.JWT_PUBLIC_KEY);
  server.route({
    url: GRAPHQL_PATH,
    method: [...GRAPHQL_METHODS],
    onRequest: sendBrowsersHome,
    preHandler: guardDocuments(guard),
    handler: fastifyApolloHandler(apollo, {
      context: async (request, reply) => {
        try {
          return edgeContextOf(request, reply, isSignInRequest(request.body) ? 'ignored' : 'verified');
        } catch (error) {
          throw toHttpError(error);
        }
      },
    }),
  });
  refuseOtherMethods(server, GRAPHQL_PATH, GRAPHQL_METHODS);
  registerRest(server, { execute: createOperationExecutor(apollo), edgeContextOf, streams });
  await registerPages(server);
}
