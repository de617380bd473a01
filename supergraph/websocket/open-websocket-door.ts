import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import { handleProtocols } from 'graphql-ws';
import { WebSocketServer, type ServerOptions, type WebSocket } from 'ws';
import { AppError } from '#shared/errors/app-error.js';
import type { TokenVerifier } from '#shared/context/token-verifier.js';
import type { Logger } from '#shared/logging/logger.js';
import type { DocumentGuard } from '../edge/document-guard.js';
import type { OperationBudget } from '../edge/operation-budget.js';
import { createAdmission } from './admit-subscription.js';
import { GOING_AWAY } from './closings.js';
import { Connection } from './connection.js';
import { graphqlSocket } from './graphql-socket.js';
import { isOriginAllowed } from './origin.js';
import { patrol } from '../edge/patrol.js';
import { createProtocol } from './protocol.js';
import { Seats } from '../edge/seats.js';
import type { SubscribeOperation } from '../subscriptions/subscribe-operation.js';
import { acceptUpgrades } from './upgrades.js';

export interface WebSocketSettings {
  readonly CORS_ORIGIN: readonly string[];
  readonly MAX_BODY_BYTES: number;
  readonly REVOCATION_LAG: number;
  readonly WS_INIT_TIMEOUT: number;
  readonly WS_SOCKETS_PER_USER: number;
  readonly WS_OPERATIONS_PER_SOCKET: number;
}

export interface WebSocketDoorParts {
  readonly config: WebSocketSettings;
  /** What clients may ask for: the API schema. */
  readonly schema: GraphQLSchema;
  readonly guard: DocumentGuard;
  readonly budget: OperationBudget;
  readonly verify: TokenVerifier;
  readonly execute: SubscribeOperation;
  readonly log: Logger;
  /** Between two pings; a socket that has not answered one when the next is due is cut off. 12 s by default. */
  readonly keepAliveMs?: number;
}

/** Sockets that are not signed in yet, from one address and from all. */
const HANDSHAKES_PER_ADDRESS = 50;
const HANDSHAKES = 500;
const KEEP_ALIVE_MS = 12_000;
/** So often within the lag that, after the list of revocations was read, there is time for another look at each socket. */
const RECHECKS_PER_LAG = 4;
const CLOSE_TIMEOUT_MS = 2_000;

/**
 * Opens `graphql-transport-ws` on the server's `/graphql`, for subscriptions only. To be called before the server listens.
 * A socket lives as long as its token would be taken by HTTP; `close` ends all of them, and resolves when they are gone.
 */
export function openWebSocketDoor(server: FastifyInstance, parts: WebSocketDoorParts): { close(): Promise<void> } {
  const { config, schema, guard, log, keepAliveMs = KEEP_ALIVE_MS } = parts;
  const sockets = createSocketServer(config.MAX_BODY_BYTES);
  const connections = new Set<Connection>();
  const admit = createAdmission(schema, guard);
  const protocol = createProtocol({ ...parts, admit, initTimeoutMs: config.WS_INIT_TIMEOUT });
  const handshakes = new Seats(HANDSHAKES_PER_ADDRESS, HANDSHAKES);
  const userSeats = new Seats(config.WS_SOCKETS_PER_USER);

  function serve(socket: WebSocket, request: FastifyRequest, leaveHandshake: () => void): void {
    const client = graphqlSocket(socket, log);
    const { drained, isReading } = client;
    const connection = new Connection({ ...parts, socket, drained, request, userSeats, leaveHandshake });
    connections.add(connection);
    socket.on('error', (error) => request.log.debug({ err: error }, 'socket failed'));
    const ended = protocol.opened(client, connection);
    socket.on('pong', () => connection.answered());
    socket.on('ping', (payload) => isReading() && socket.pong(payload));
    socket.once('close', (code) => {
      connections.delete(connection);
      connection.closed();
      request.log.info({ code }, 'socket closed');
      ended(code).catch((error: unknown) => request.log.error({ err: error }, 'socket did not end well'));
    });
  }

  acceptUpgrades(server, '/graphql', (request) => {
    const { origin } = request.headers;
    if (!isOriginAllowed({ origin, host: request.host }, config.CORS_ORIGIN)) {
      throw new AppError('FORBIDDEN', 'Pages of this origin may not connect.');
    }
    const leave = handshakes.take(request.ip);
    if (!leave) throw new AppError('SERVICE_UNAVAILABLE', 'Too many connections are being opened; try again soon.');
    return (socket, head) => {
      socket.once('close', leave);
      sockets.handleUpgrade(request.raw, socket, head, (opened) => serve(opened, request, leave));
    };
  });
  const stopped = new AbortController();
  const { signal } = stopped;
  void patrol(connections, { everyMs: keepAliveMs, visit: (connection) => connection.keepAlive(), signal });
  const everyMs = config.REVOCATION_LAG / RECHECKS_PER_LAG;
  void patrol(connections, { everyMs, visit: (connection) => connection.recheck(), signal });
  return {
    async close() {
      stopped.abort();
      for (const connection of connections) connection.close(GOING_AWAY);
      await new Promise((resolve) => sockets.close(resolve));
    },
  };
}

function createSocketServer(maxPayload: number): WebSocketServer {
  const options: ServerOptions & { closeTimeout: number } = {
    noServer: true,
    maxPayload,
    handleProtocols,
    perMessageDeflate: false,
    // One message for each turn of the event loop.
    allowSynchronousEvents: false,
    // Answered by us, who look first whether the client reads.
    autoPong: false,
    closeTimeout: CLOSE_TIMEOUT_MS,
  };
  return new WebSocketServer(options);
}
