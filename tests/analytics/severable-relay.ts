import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface SeverableRelay {
  /** The database's URI by way of the relay. */
  readonly uri: string;
  /** Ends all connections and takes no more. */
  sever(): Promise<void>;
  mend(): Promise<void>;
  close(): Promise<void>;
}

/** Relays TCP to the one server that a mongodb:// URI names, so that a test can take that server away and bring it back. */
export async function startSeverableRelay(uri: string): Promise<SeverableRelay> {
  const target = new URL(uri);
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  const listen = async (port: number): Promise<void> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  const sever = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const near = new URL(uri);
  near.hostname = '127.0.0.1';
  near.port = String(port);
  return {
    uri: near.href,
    sever,
    mend: async () => {
      if (!server.listening) await listen(port);
    },
    close: sever,
  };
}
