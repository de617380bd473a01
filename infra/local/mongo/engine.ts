import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { evaluatorOf } from './aggregate/context.js';
import { toMongoError } from './aggregate/library-error.js';
import type { Engine } from './commands/command.js';
import { runCommand } from './commands/run-command.js';
import { Cursors } from './cursors.js';
import { Databases } from './store/databases.js';
import { sweepExpired } from './ttl.js';
import { serveConnection } from './wire/connection.js';

/** As MongoDB's TTL monitor. */
const SWEEP_INTERVAL_MS = 60_000;

export interface MongoEngineOptions {
  readonly dataDir: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly host: string;
  /** Milliseconds since the epoch, for what expires and for `$currentDate`. */
  readonly clock?: () => number;
}

/** The engine itself: a store, and a server over it, in the thread it is started in. */
export class MongoEngine {
  readonly #engine: Engine;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #running = new Set<Promise<unknown>>();
  readonly #timer: NodeJS.Timeout;
  #connections = 0;

  private constructor(engine: Engine) {
    this.#engine = engine;
    this.#server = createServer((socket) => this.#serve(socket));
    this.#timer = setInterval(() => void this.#sweep(), SWEEP_INTERVAL_MS).unref();
  }

  /** Reads the data folder and listens. Throws an Error for the operator: a damaged file, a port in use. */
  static async start({ dataDir, port, host, clock = Date.now }: MongoEngineOptions): Promise<MongoEngine> {
    const databases = await Databases.open(dataDir, evaluatorOf({}));
    const engine = new MongoEngine({ databases, cursors: new Cursors(clock), clock, startedAtMs: clock() });
    try {
      await sweepExpired(databases, clock());
      engine.#server.listen(port, host);
      await once(engine.#server, 'listening');
      return engine;
    } catch (error) {
      await engine.close();
      throw error;
    }
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Deletes what has expired now, without waiting for the next round. */
  async sweepExpired(): Promise<void> {
    await sweepExpired(this.#engine.databases, this.#engine.clock());
  }

  /** Commands that are being run end, and what they wrote is on the disk. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    const closed = this.#server.listening ? once(this.#server, 'close') : undefined;
    this.#server.close();
    await Promise.allSettled(this.#running);
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    await this.#engine.databases.close();
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    const connectionId = (this.#connections += 1);
    void serveConnection(socket, (command) => {
      const reply = runCommand(this.#engine, command, connectionId);
      this.#running.add(reply);
      return reply.finally(() => this.#running.delete(reply));
    }).finally(() => this.#sockets.delete(socket));
  }

  async #sweep(): Promise<void> {
    this.#engine.cursors.closeIdle();
    // A failed sweep is said on stderr, and the next one tries again.
    await this.sweepExpired().catch(toMongoError);
  }
}
