import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import { fastifyApolloDrainPlugin, fastifyApolloHandler } from '@as-integrations/fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import { requestContextOf, type RequestContext } from '#shared/context/request-context.js';
import type { TokenVerifier } from '#shared/context/token-verifier.js';
import { toHttpError } from '#shared/errors/http-error.js';
import { formattedErrorOf, publicErrorOf } from '#shared/errors/public-error.js';
import type { Logger } from '#shared/logging/logger.js';
import { serveHealth, type ReadinessCheck } from './health.js';
import { closeServer, createHttpServer } from './http-server.js';
import type { Lifecycle } from './lifecycle.js';
import { serveMetrics } from './metrics.js';
import { serveSubscriptions } from './subgraph-subscriptions.js';

export interface SubgraphSettings {
  readonly HOST: string;
  readonly PORT: number;
  readonly NODE_ENV: 'development' | 'test' | 'production';
  readonly MAX_BODY_BYTES: number;
}

export interface Subgraph<Context extends RequestContext> {
  readonly name: string;
  readonly schema: GraphQLSchema;
  /** Adds this subgraph's own to what every request has; called once a request. */
  readonly context: (request: RequestContext, http: Pick<FastifyRequest, 'headers'>) => Context;
  readonly verify: TokenVerifier;
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
}

const REQUEST_TIMEOUT_MS = 30_000;

/** Serves a subgraph: `/graphql`, `/healthz`, `/readyz`, `/metrics`. Returns the port once it listens. */
export async function serveSubgraph<Context extends RequestContext>(
  subgraph: Subgraph<Context>,
  { config, log, life }: { config: SubgraphSettings; log: Logger; life: Lifecycle },
): Promise<number> {
  const server = createHttpServer({ log, maxBodyBytes: config.MAX_BODY_BYTES, requestTimeoutMs: REQUEST_TIMEOUT_MS });
  const apollo = new ApolloServer<Context>({
    schema: subgraph.schema,
    introspection: config.NODE_ENV !== 'production',
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    hideSchemaDetailsFromClientErrors: config.NODE_ENV === 'production',
    plugins: [
      fastifyApolloDrainPlugin(server),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
    ],
    formatError: (formatted, error) => {
      const found = publicErrorOf(error, subgraph.schema);
      if (found.code === 'INTERNAL_SERVER_ERROR') log.error({ err: error, path: formatted.path }, 'resolver failed');
      return formattedErrorOf(formatted, found);
    },
  });
  await apollo.start();
  life.defer('server', () => closeServer(server, life.overtime));
  serveHealth(server, subgraph.checks);
  serveMetrics(server, subgraph.name);
  server.route({
    url: '/graphql',
    method: ['GET', 'POST'],
    handler: fastifyApolloHandler(apollo, {
      context: async (request, reply) => contextOf(subgraph, request, { reply, overtime: life.overtime }),
    }),
  });
  if (subgraph.schema.getSubscriptionType()) {
    const closeStreams = serveSubscriptions(server, {
      schema: subgraph.schema,
      contextOf: (headers, signal) =>
        subgraph.context(requestContextOf(headers, { verify: subgraph.verify, log, signal }), { headers }),
      log,
    });
    life.defer('streams', closeStreams);
  }
  await server.listen({ host: config.HOST, port: config.PORT });
  const address = server.server.address();
  const port = address && typeof address === 'object' ? address.port : config.PORT;
  log.info({ port }, 'subgraph is up');
  return port;
}

function contextOf<Context extends RequestContext>(
  { context, verify }: Subgraph<Context>,
  request: FastifyRequest,
  { reply, overtime }: { reply: FastifyReply; overtime: AbortSignal },
): Context {
  const gone = new AbortController();
  const giveUp = (): void => gone.abort(overtime.reason);
  overtime.addEventListener('abort', giveUp, { once: true });
  reply.raw.once('close', () => {
    overtime.removeEventListener('abort', giveUp);
    if (!reply.raw.writableEnded) gone.abort(new Error('the client left'));
  });
  try {
    return context(
      requestContextOf(request.headers, { verify, log: request.log as Logger, signal: gone.signal }),
      request,
    );
  } catch (error) {
    throw toHttpError(error);
  }
}
