import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer, type AddressInfo, type Server as NetServer } from 'node:net';

export interface Canary {
  readonly port: number;
  /** Connections that anybody has opened to it. */
  readonly hits: number;
  close(): void;
}

/** Listens on every address of this machine, and counts who comes. */
export async function startCanary(): Promise<Canary> {
  let hits = 0;
  const server = createServer((socket) => {
    hits += 1;
    socket.end('HTTP/1.1 200 OK\r\ncontent-length: 6\r\nconnection: close\r\n\r\nsecret');
  });
  const port = await listen(server);
  return {
    port,
    get hits() {
      return hits;
    },
    close: () => server.close(),
  };
}

export type Page = (request: IncomingMessage, response: ServerResponse) => unknown;

export interface PageServer {
  readonly port: number;
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  /** Requests in the order in which they came. */
  readonly requests: IncomingMessage[];
  /** Pages by their paths; anything else is 404. */
  readonly pages: Map<string, Page>;
  close(): void;
}

/** A web server on loopback, which tests let a client reach by a network of their own. */
export async function startPageServer(): Promise<PageServer> {
  const pages = new Map<string, Page>();
  const requests: IncomingMessage[] = [];
  const server: Server = createHttpServer((request, response) => {
    requests.push(request);
    const page = pages.get(new URL(request.url ?? '/', 'http://x').pathname);
    if (page) page(request, response);
    else response.writeHead(404, { 'content-type': 'text/plain' }).end('There is no such page.');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    requests,
    pages,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** On IPv6 and IPv4; on IPv4 alone where a machine has nothing else. */
async function listen(server: NetServer): Promise<number> {
  for (const host of ['::', '0.0.0.0']) {
    const listening = once(server, 'listening');
    server.listen(0, host);
    const worked = await listening.then(
      () => true,
      () => false,
    );
    if (worked) return (server.address() as AddressInfo).port;
  }
  throw new Error('no address to listen on');
}
