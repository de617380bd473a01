import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Passes bytes on to a server, and fails on the way as lines do: connections break, hang, or are not taken at all. */
export class TcpRelay {
  /** Whether connections stay open and carry nothing, as when a cable is pulled. */
  muted = false;
  readonly #sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private target: URL,
    /** Where it listens. */
    readonly port: number,
  ) {}

  /** Before the host and port of a URL, of whatever protocol. */
  static async to(url: string): Promise<TcpRelay> {
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const relay = new TcpRelay(server, new URL(url), (server.address() as AddressInfo).port);
    server.on('connection', (near) => relay.#join(near));
    return relay;
  }

  /** The target's URL by way of the relay. */
  get url(): string {
    const url = new URL(this.target);
    url.hostname = '127.0.0.1';
    url.port = String(this.port);
    return url.href.replace(/\/$/, '');
  }

  /** Where connections go that are opened from now on. */
  redirect(url: string): void {
    this.target = new URL(url);
  }

  /** Ends all connections. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Ends all connections and takes no more, until {@link mend}. */
  async sever(): Promise<void> {
    if (!this.server.listening) return;
    const closed = once(this.server, 'close');
    this.server.close();
    this.cut();
    await closed;
  }

  async mend(): Promise<void> {
    if (!this.server.listening) await once(this.server.listen(this.port, '127.0.0.1'), 'listening');
  }

  /** Resolves when somebody connects anew. */
  async newConnection(): Promise<void> {
    await once(this.server, 'connection');
  }

  async close(): Promise<void> {
    await this.sever();
  }

  #join(near: Socket): void {
    const far = connect(Number(this.target.port), this.target.hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from);
      from.on('error', () => undefined);
      from.on('end', () => to.end());
      from.on('close', () => {
        this.#sockets.delete(from);
        if (!to.writableEnded) to.destroy();
      });
      from.on('data', (bytes) => {
        if (this.muted || to.write(bytes)) return;
        from.pause();
        to.once('drain', () => from.resume());
      });
    }
  }
}
