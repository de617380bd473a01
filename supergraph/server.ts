import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { ApolloServer } from '@apollo/server';
import type { FastifyInstance } from 'fastify';
import { GraphQLError } from 'graphql';
import { ERROR_CODES } from '#shared/errors/error-codes.js';
import { publicErrorOf } from '#shared/errors/public-error.js';
import type { Logger } from '#shared/logging/logger.js';
import { serveHealth, type ReadinessCheck } from '#shared/server/health.js';
import { createHttpServer } from '#shared/server/http-server.js';
import { serveMetrics } from '#shared/server/metrics.js';
import type { SupergraphConfig } from './config.js';
import { registerBrowserRules } from './edge/browser-rules.js';
import type { EdgeContext } from './edge/edge-context.js';
import type { EdgeContextOf } from './edge/open-edge.js';
import { createOperationExecutor } from './graphql-server.js';
import { registerPages } from './pages/register-pages.js';
import { registerRest } from './rest/register-rest.js';

const REQUEST_TIMEOUT_MS = 30_000;

export function createDoor(config: SupergraphConfig, log: Logger): FastifyInstance {
  return createHttpServer({ log, maxBodyBytes: config.MAX_BODY_BYTES, requestTimeoutMs: REQUEST_TIMEOUT_MS });
}

export interface DoorParts {
  readonly config: SupergraphConfig;
  readonly apollo: ApolloServer<EdgeContext>;
  readonly edgeContextOf: EdgeContextOf;
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
}

/** Everything that answers on the one port: GraphQL, REST, pages, health, metrics. */
export async function registerRoutes(server: FastifyInstance, parts: DoorParts): Promise<void> {
  const { config, apollo, edgeContextOf, checks } = parts;
  await registerBrowserRules(server, config.CORS_ORIGIN);
  serveHealth(server, checks);
  serveMetrics(server, 'supergraph');
  server.route({
    url: '/graphql',
    method: ['GET', 'POST'],
    handler: fastifyApolloHandler(apollo, {
      context: async (request, reply) => {
        try {
          return edgeContextOf(request, reply);
        } catch (error) {
          throw httpGraphqlError(error);
        }
      },
    }),
  });
  registerRest(server, { execute: createOperationExecutor(apollo), edgeContextOf });
  await registerPages(server);
}

/** Apollo answers 500 to whatever goes wrong before an operation unless the error names its own status. */
function httpGraphqlError(error: unknown): GraphQLError {
  const { code, message } = publicErrorOf(error);
  return new GraphQLError(message, {
    ...(error instanceof Error && { originalError: error }),
    extensions: { code, http: { status: ERROR_CODES[code].http } },
  });
}
