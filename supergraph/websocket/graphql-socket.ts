import { CloseCode, MessageType, parseMessage, type WebSocket as GraphqlSocket } from 'graphql-ws';
import type { WebSocket } from 'ws';
import type { Logger } from '#shared/logging/logger.js';
import { closingOf, FAILED } from './closings.js';

/** So much may wait to be sent to a client that does not read; who lets more pile up is cut off. */
const MAX_BUFFERED_BYTES = 1024 * 1024;

/** What only servers send. Of all that a client may send, graphql-ws throws for these alone. */
const SERVER_MESSAGES: ReadonlySet<MessageType> = new Set([
  MessageType.ConnectionAck,
  MessageType.Next,
  MessageType.Error,
]);

export interface ClientSocket extends GraphqlSocket {
  /** Resolves when all that was sent has left, or the socket has ended. */
  readonly drained: () => Promise<void>;
}

/**
 * A socket as graphql-ws wants it. In place of the library's own adapter, which prints errors to the console and outside
 * production puts them into close frames. Sending does not wait: an operation that did would not have ended when the next of
 * its id begins.
 */
export function graphqlSocket(socket: WebSocket, log: Logger): ClientSocket {
  let drained = Promise.resolve();
  return {
    protocol: socket.protocol,
    drained: () => drained,
    send: (text) => {
      if (!isReading(socket)) return;
      drained = new Promise((resolve) => {
        socket.send(text, () => resolve());
      });
    },
    close: (code) => {
      const closing = closingOf(code);
      socket.close(closing.code, closing.reason);
    },
    onMessage: (listener) => {
      socket.on('message', (message: Buffer) => {
        // Messages still come in while a socket is closing.
        if (socket.readyState !== socket.OPEN) return;
        const text = message.toString('utf8');
        listener(text).catch((error: unknown) => {
          const isRefused = SERVER_MESSAGES.has(parseMessage(text).type);
          if (!isRefused) log.error({ err: error }, 'message failed');
          const { code, reason } = isRefused ? closingOf(CloseCode.BadRequest) : FAILED;
          socket.close(code, reason);
        });
      });
    },
  };
}

/** Whether more may be sent; if not, the client has not read for too long, and is cut off. */
export function isReading(socket: WebSocket): boolean {
  if (socket.bufferedAmount <= MAX_BUFFERED_BYTES) return socket.readyState === socket.OPEN;
  socket.terminate();
  return false;
}
