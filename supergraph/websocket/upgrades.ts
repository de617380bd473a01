import { ServerResponse, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Takes over a socket; `head` is what the client has sent on it already. */
export type TakeSocket = (socket: Socket, head: Buffer) => void;

/** A client may offer other protocols, or this one elsewhere: whoever wants neither answers as usual (RFC 9110 §7.8). */
const UNWANTED =
  'HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';

/**
 * Sends requests for a WebSocket on `path` through the server's own routing, so that request id, client address, log and
 * refusals are those of any other request. `admit` throws what the client is to be told by HTTP, or returns who takes the
 * socket. All other requests stay ordinary HTTP, whatever they want to upgrade to.
 */
export function acceptUpgrades(
  server: FastifyInstance,
  path: string,
  admit: (request: FastifyRequest) => TakeSocket,
): void {
  const pending = new WeakMap<IncomingMessage, { readonly socket: Socket; readonly head: Buffer }>();
  const isWanted = (request: IncomingMessage): boolean =>
    request.method === 'GET' &&
    request.headers.upgrade?.toLowerCase() === 'websocket' &&
    request.url?.split('?', 1)[0] === path;
  (server.server as Server & { shouldUpgradeCallback?: typeof isWanted }).shouldUpgradeCallback = isWanted;
  server.server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    // The server has let go of the socket, and an error that nobody listens to would end the process.
    socket.on('error', () => socket.destroy());
    // Only where the server is older than the callback above, or has a second address.
    if (!isWanted(request)) {
      socket.end(UNWANTED, () => socket.destroy());
      return;
    }
    pending.set(request, { socket, head });
    server.routing(request, refusalOn(socket, request));
  });
  server.addHook('onRequest', (request, reply, done) => {
    const upgrade = pending.get(request.raw);
    if (!upgrade) return done();
    // What it throws goes to the server's error handler.
    const take = admit(request);
    reply.hijack();
    reply.raw.detachSocket(upgrade.socket);
    take(upgrade.socket, upgrade.head);
  });
}

/** What a refusal is written on: the last thing on that socket. */
function refusalOn(socket: Socket, request: IncomingMessage): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once('finish', () => socket.end(() => socket.destroy()));
  return response;
}
