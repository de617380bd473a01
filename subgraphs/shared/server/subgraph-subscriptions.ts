import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import {
  GraphQLError,
  OperationTypeNode,
  getOperationAST,
  parse,
  subscribe,
  validate,
  type GraphQLSchema,
} from 'graphql';
import { handleProtocols, makeServer, type SubscribePayload } from 'graphql-ws';
import { WebSocketServer, type WebSocket } from 'ws';
import { ENVELOPE_BYTES, MAX_SUBSCRIPTION_BYTES } from '#shared/config/stream-limits.js';
import { REQUEST_ID_HEADER } from '#shared/context/request-id.js';
import { AppError } from '#shared/errors/app-error.js';
import { formattedErrorOf, publicErrorOf } from '#shared/errors/public-error.js';
import type { Logger } from '#shared/logging/logger.js';
import { StoppableStream } from '#shared/concurrency/stoppable-stream.js';
import { subgraphSocket } from './subgraph-socket.js';

export interface SubscriptionDoor<Context> {
  readonly schema: GraphQLSchema;
  /** The context of one subscription; `signal` aborts when its reader leaves. Throws for a token that does not hold. */
  readonly contextOf: (headers: IncomingHttpHeaders, signal: AbortSignal) => Context;
  readonly log: Logger;
}

interface Connection {
  readonly socket: Socket;
  /** Streams by their ids, to be stopped one by one. */
  readonly stops: Stops;
}

type Stops = Map<string, AbortController>;

/**
 * Subscriptions of a subgraph for the supergraph (`graphql-transport-ws` on `/graphql`). The connection is shared by all users
 * of a supergraph and proves nothing; each subscription brings its own access token in `extensions.authorization`, which is
 * verified as that of any request. Returns what closes all connections.
 */
export function serveSubscriptions<Context>(
  server: FastifyInstance,
  door: SubscriptionDoor<Context>,
): () => Promise<void> {
  const { log } = door;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_SUBSCRIPTION_BYTES + ENVELOPE_BYTES,
    perMessageDeflate: false,
    handleProtocols,
  });
  const protocol = createProtocol(door);
  const serve = (connection: WebSocket, socket: Socket): void => {
    const ended = protocol.opened(subgraphSocket(connection, log), { socket, stops: new Map() });
    connection.once('close', (code, reason) => {
      ended(code, String(reason)).catch((error: unknown) => log.error({ err: error }, 'connection did not end well'));
    });
  };
  server.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (request.url !== '/graphql') socket.destroy();
    else sockets.handleUpgrade(request, socket, head, (accepted) => serve(accepted, request.socket));
  });
  return async () => {
    for (const connection of sockets.clients) connection.close(1001, 'Going away');
    await new Promise((resolve) => sockets.close(resolve));
  };
}

function createProtocol<Context>(door: SubscriptionDoor<Context>) {
  return makeServer<Record<string, never>, Connection>({
    schema: door.schema,
    onSubscribe: ({ extra }, id, payload) => admitted(door, payload, stopOf(extra.stops, id)),
    subscribe: (args) =>
      new StoppableStream(() => started(args), (args.contextValue as Admitted<Context>).stop) as never,
    onNext: ({ extra }, _id, _payload, _args, { data, errors }) => {
      sendTogether(extra.socket);
      return {
        ...(data !== undefined && { data }),
        ...(errors && { errors: errors.map((error) => publicOf(error, door)) }),
      };
    },
    onError: (_context, _id, _payload, errors) => errors.map((error) => publicOf(error, door)) as never,
    onClose: ({ extra }) => {
      for (const stop of extra.stops.values()) stop.abort();
    },
  });
}

interface Admitted<Context> {
  readonly context: Context;
  readonly stop: AbortController;
}

function admitted<Context>(door: SubscriptionDoor<Context>, payload: SubscribePayload, stop: AbortController) {
  try {
    const { authorization, requestId } = payload.extensions ?? {};
    const headers = { authorization, [REQUEST_ID_HEADER]: requestId } as IncomingHttpHeaders;
    const context = door.contextOf(headers, stop.signal);
    const document = parse(payload.query);
    if (getOperationAST(document, payload.operationName)?.operation !== OperationTypeNode.SUBSCRIPTION) {
      throw new AppError('BAD_REQUEST', 'This door takes subscriptions only.');
    }
    const errors = validate(door.schema, document);
    if (errors.length > 0) {
      stop.abort();
      return errors;
    }
    const { operationName, variables: variableValues } = payload;
    return { schema: door.schema, document, operationName, variableValues, contextValue: { context, stop } };
  } catch (error) {
    stop.abort();
    return [new GraphQLError('refused', { originalError: error instanceof Error ? error : new Error(String(error)) })];
  }
}

/** Many streams have something to say at the same time: what is written in one turn of the event loop leaves in one go. */
function sendTogether(socket: Socket): void {
  if (socket.writableCorked > 0) return;
  socket.cork();
  setImmediate(() => socket.uncork());
}

async function started(args: Parameters<typeof subscribe>[0]): Promise<AsyncIterable<unknown>> {
  const result = await subscribe({ ...args, contextValue: (args.contextValue as Admitted<unknown>).context });
  if (Symbol.asyncIterator in result) return result;
  throw result.errors?.[0] ?? new Error('the subscription did not start');
}

function stopOf(stops: Stops, id: string): AbortController {
  const stop = new AbortController();
  stops.set(id, stop);
  stop.signal.addEventListener('abort', () => stops.delete(id), { once: true });
  return stop;
}

function publicOf<Context>(error: GraphQLError, { schema, log }: SubscriptionDoor<Context>) {
  const found = publicErrorOf(error, schema);
  if (found.code === 'INTERNAL_SERVER_ERROR') log.error({ err: error }, 'subscription failed');
  const { locations, path } = error;
  return formattedErrorOf(
    { message: found.message, ...(locations && { locations }), ...(path && { path }) },
    found,
  ) as never;
}
