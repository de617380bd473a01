import { CloseCode, type WebSocket as GraphqlSocket } from 'graphql-ws';
import type { WebSocket } from 'ws';
import { MAX_EVENT_BYTES } from '#shared/config/stream-limits.js';
import { AppError } from '#shared/errors/app-error.js';
import type { Logger } from '#shared/logging/logger.js';

const KEEP_ALIVE_MS = 12_000;

/** A supergraph's connection as graphql-ws wants it. In place of the library's own adapter, which prints errors to the console. */
export function subgraphSocket(socket: WebSocket, log: Logger): GraphqlSocket {
  socket.on('error', (error) => log.warn({ err: error }, 'connection failed'));
  keepAlive(socket);
  return {
    protocol: socket.protocol,
    send: (text) => sent(socket, text),
    close: (code, reason) => socket.close(code, reason),
    onMessage: (listener) => {
      socket.on('message', (message: Buffer) => {
        listener(message.toString('utf8')).catch((error: unknown) => {
          log.error({ err: error }, 'message failed');
          socket.close(CloseCode.InternalServerError, 'Internal server error');
        });
      });
    },
  };
}

/** Throws QUERY_TOO_COMPLEX for what the connection would not outlive; the operation that it is of ends with that. */
async function sent(socket: WebSocket, text: string): Promise<void> {
  if (Buffer.byteLength(text) > MAX_EVENT_BYTES) {
    throw new AppError('QUERY_TOO_COMPLEX', `An event may have at most ${MAX_EVENT_BYTES} bytes; ask for less of it.`);
  }
  if (socket.readyState !== socket.OPEN) return;
  await new Promise<void>((resolve) => {
    socket.send(text, () => resolve());
  });
}

/** Pings, and cuts off who has not answered the ping before. */
function keepAlive(socket: WebSocket): void {
  let isAnswering = true;
  socket.on('pong', () => (isAnswering = true));
  const timer = setInterval(() => {
    if (!isAnswering) return socket.terminate();
    isAnswering = false;
    socket.ping();
  }, KEEP_ALIVE_MS).unref();
  socket.once('close', () => clearInterval(timer));
}
