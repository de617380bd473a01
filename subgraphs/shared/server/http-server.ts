import fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import { REQUEST_ID_HEADER, requestIdOf } from '#shared/context/request-id.js';
import { AppError } from '#shared/errors/app-error.js';
import type { ErrorCode } from '#shared/errors/error-codes.js';
import { PROBLEM_CONTENT_TYPE, problemOf } from '#shared/errors/problem.js';
import { publicErrorOf } from '#shared/errors/public-error.js';
import type { Logger } from '#shared/logging/logger.js';

export interface HttpServerOptions {
  readonly log: Logger;
  readonly maxBodyBytes: number;
  /** A request must have arrived whole within this time. */
  readonly requestTimeoutMs: number;
  /** Its headers within this; 10 s by default. */
  readonly headersTimeoutMs?: number;
  /** How often connections are looked at for either; 2 s by default. */
  readonly connectionsCheckMs?: number;
  /** Addresses or networks whose `X-Forwarded-For` is believed; nobody's by default. */
  readonly trustedProxies?: readonly string[];
}

const HEADERS_TIMEOUT_MS = 10_000;
const CONNECTIONS_CHECK_MS = 2_000;
const IDLE_CHECK_MS = 50;
/** To tell a client that its request is given up. */
const LAST_WORDS_MS = 1_000;

/** What fastify itself refuses, in terms of our catalogue. */
const FRAMEWORK_ERRORS: Readonly<Record<string, [ErrorCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['PAYLOAD_TOO_LARGE', 'The request body is too large.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['UNSUPPORTED_MEDIA_TYPE', 'Send the body as application/json.'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['BAD_REQUEST', 'The request body is not valid JSON.'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['BAD_REQUEST', 'The request body is empty.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['BAD_REQUEST', 'Content-Length does not match the body.'],
  FST_ERR_BAD_URL: ['BAD_REQUEST', 'The URL is malformed.'],
  FST_ERR_MAX_PARAM_LENGTH: ['BAD_REQUEST', 'The URL is too long.'],
};

/**
 * An HTTP server as every process of the platform has it: a request id on each request, reply and log line, bounded
 * bodies and times, and each error as a problem document that says only what is public.
 */
export function createHttpServer(options: HttpServerOptions): FastifyInstance {
  const { log, maxBodyBytes, requestTimeoutMs, trustedProxies = [] } = options;
  const { headersTimeoutMs = HEADERS_TIMEOUT_MS, connectionsCheckMs = CONNECTIONS_CHECK_MS } = options;
  const loggerInstance: FastifyBaseLogger = log;
  const server = fastify({
    loggerInstance,
    logController: new fastify.LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    bodyLimit: maxBodyBytes,
    requestTimeout: requestTimeoutMs,
    forceCloseConnections: 'idle',
    requestIdHeader: false,
    trustProxy: trustedProxies.length > 0 && [...trustedProxies],
    genReqId: (request) => requestIdOf(request.headers[REQUEST_ID_HEADER]),
    // An address that fastify cannot route gets to no hook, and would be answered in fastify's own words.
    frameworkErrors: (error, request, reply) => {
      void answerError(error, request, reply.header(REQUEST_ID_HEADER, request.id));
    },
    http: { headersTimeout: headersTimeoutMs, connectionsCheckingInterval: connectionsCheckMs },
    routerOptions: { maxParamLength: 1024 },
  });
  server.addHook('onRequest', async (request, reply) => {
    reply.header(REQUEST_ID_HEADER, request.id);
  });
  server.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions } = request;
    const ms = Math.round(reply.elapsedTime);
    request.log.info({ method, route: routeOptions.url ?? 'unknown', status: reply.statusCode, ms }, 'request');
  });
  server.setNotFoundHandler(() => {
    throw new AppError('NOT_FOUND', 'There is nothing at this address.');
  });
  server.setErrorHandler(answerError);
  return server;
}

/** Takes nothing new, and resolves when what is under way has been answered; from `overtime` on that is cut off. */
export async function closeServer(server: FastifyInstance, overtime: AbortSignal): Promise<void> {
  const http = server.server;
  // Connections are kept for a next request, which is not to come.
  const idle = setInterval(() => http.closeIdleConnections(), IDLE_CHECK_MS);
  const cut = (): void => void setTimeout(() => http.closeAllConnections(), LAST_WORDS_MS);
  if (overtime.aborted) cut();
  overtime.addEventListener('abort', cut, { once: true });
  await server.close();
  overtime.removeEventListener('abort', cut);
  clearInterval(idle);
}

function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const found = publicErrorOf(ownTerms(error));
  if (found.code === 'INTERNAL_SERVER_ERROR') request.log.error({ err: error }, 'request failed');
  const problem = problemOf(found, request.id);
  // RFC 9110 §10.2.3.
  if (found.retryAfterSec !== undefined) reply.header('retry-after', String(found.retryAfterSec));
  return reply.code(problem.status).type(PROBLEM_CONTENT_TYPE).send(problem);
}

function ownTerms(error: FastifyError): Error {
  const known = FRAMEWORK_ERRORS[error.code];
  return known ? new AppError(known[0], known[1], { cause: error }) : error;
}
