import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Duplex } from 'node:stream';

/** A WebSocket close frame of code 1000, as a server sends it: not masked. */
const POLITE_CLOSE = Buffer.of(0x88, 0x02, 0x03, 0xe8);

/** A request that is kept waiting. */
export interface Held {
  /** Resolves when it is there. */
  readonly arrived: Promise<void>;
  /** Resolves when the client has closed its connection. */
  readonly left: Promise<void>;
  letGo(): void;
}

interface Hold {
  /** What the request's body has; null for a WebSocket handshake. */
  readonly body: string | null;
  readonly arrived: PromiseWithResolvers<void>;
  readonly left: PromiseWithResolvers<void>;
  readonly gate: PromiseWithResolvers<void>;
}

/** A reverse proxy that keeps requests waiting, refuses connections, and closes them politely when told to. */
export class HoldingProxy {
  handshakes = 0;
  #hold: Hold | undefined;
  #refusals = 0;
  readonly #webSockets = new Set<Duplex>();

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
  ) {}

  static async to(target: string): Promise<HoldingProxy> {
    const server = createServer();
    const proxy = new HoldingProxy(server, new URL(target));
    server.on('request', (request, response) => void proxy.#pass(request, response).catch(() => response.destroy()));
    server.on('upgrade', (request, near: Duplex) => void proxy.#join(request, near));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Of the next WebSocket. */
  holdHandshake(): Held {
    return this.#holding(null);
  }

  /** Of the next POST with this in its body. */
  holdPost(body: string): Held {
    return this.#holding(body);
  }

  /** Breaks the connections of the next so many WebSockets before they are open. */
  refuseHandshakes(count: number): void {
    this.#refusals = count;
  }

  /** Ends all WebSockets with code 1000. Nothing may be on its way to a client then. */
  closePolitely(): void {
    for (const near of this.#webSockets) near.write(POLITE_CLOSE);
  }

  close(): void {
    this.#hold?.gate.resolve();
    for (const near of this.#webSockets) near.destroy();
    this.server.closeAllConnections();
    this.server.close();
  }

  #holding(body: string | null): Held {
    const [arrived, left, gate] = [0, 1, 2].map(() => Promise.withResolvers<void>()) as [
      PromiseWithResolvers<void>,
      PromiseWithResolvers<void>,
      PromiseWithResolvers<void>,
    ];
    this.#hold = { body, arrived, left, gate };
    return { arrived: arrived.promise, left: left.promise, letGo: () => gate.resolve() };
  }

  async #wait({ arrived, left, gate }: Hold, near: Duplex): Promise<void> {
    this.#hold = undefined;
    near.on('error', () => undefined);
    near.once('close', () => left.resolve());
    // What is not read from is not known to have ended.
    near.once('end', () => near.destroy()).resume();
    arrived.resolve();
    await Promise.race([gate.promise, left.promise]);
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const hold = this.#hold;
    if (hold?.body != null && body.includes(hold.body)) await this.#wait(hold, request.socket);
    const { authorization = '' } = request.headers;
    const headers = { 'content-type': 'application/json', ...(authorization && { authorization }) };
    const reply = await fetch(new URL(request.url ?? '/', this.target), { method: 'POST', headers, body });
    response.writeHead(reply.status, { 'content-type': 'application/json' }).end(await reply.text());
  }

  async #join(request: IncomingMessage, near: Duplex): Promise<void> {
    this.handshakes += 1;
    near.on('error', () => undefined);
    if ((this.#refusals -= 1) >= 0) return void near.destroy();
    if (this.#hold?.body === null) await this.#wait(this.#hold, near);
    if (near.destroyed) return;
    const far = connect(Number(this.target.port), this.target.hostname);
    this.#webSockets.add(near);
    far.on('error', () => undefined);
    far.on('close', () => near.destroy());
    near.on('close', () => {
      this.#webSockets.delete(near);
      far.destroy();
    });
    const headers = request.rawHeaders.map((part, at) => (at % 2 === 0 ? `${part}: ` : `${part}\r\n`)).join('');
    far.write(`GET ${request.url} HTTP/1.1\r\n${headers}\r\n`);
    near.pipe(far);
    far.pipe(near);
  }
}
