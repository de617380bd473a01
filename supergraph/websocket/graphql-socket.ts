import { CloseCode, MessageType, parseMessage, type WebSocket as GraphqlSocket } from 'graphql-ws';
import type { WebSocket } from 'ws';
import type { Logger } from '#shared/logging/logger.js';
import { closingOf, FAILED } from './closings.js';

/** So much may wait behind the message that is being sent; a client that lets more pile up does not read, and is cut off. */
const MAX_WAITING_BYTES = 1024 * 1024;

/** What only servers send. Of all that a client may send, graphql-ws throws for these alone. */
const SERVER_MESSAGES: ReadonlySet<MessageType> = new Set([
  MessageType.ConnectionAck,
  MessageType.Next,
  MessageType.Error,
]);

export interface ClientSocket extends GraphqlSocket {
  /** Resolves when all that was sent has left, or the socket has ended. */
  readonly drained: () => Promise<void>;
  /** Whether more may be sent. Ends the socket of a client that has not read for too long. */
  readonly isReading: () => boolean;
}

/**
 * A socket as graphql-ws wants it. In place of the library's own adapter, which prints errors to the console and outside
 * production puts them into close frames. Sending does not wait: an operation that did would not have ended when the next of
 * its id begins.
 */
export function graphqlSocket(socket: WebSocket, log: Logger): ClientSocket {
  let drained = Promise.resolve();
  /** Sizes of the messages that have not left yet, in bytes. The first is leaving, and may be large by itself. */
  const unsent: number[] = [];
  const isReading = (): boolean => {
    if (socket.bufferedAmount - (unsent[0] ?? 0) <= MAX_WAITING_BYTES) return socket.readyState === socket.OPEN;
    socket.terminate();
    return false;
  };
  return {
    isReading,
    protocol: socket.protocol,
    drained: () => drained,
    send: (text) => {
      if (!isReading()) return;
      unsent.push(Buffer.byteLength(text));
      drained = new Promise((resolve) => {
        socket.send(text, () => {
          unsent.shift();
          resolve();
        });
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
