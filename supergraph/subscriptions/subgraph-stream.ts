import { createClient, type Client } from 'graphql-ws';
import type { ExecutionResult } from 'graphql';
import { WebSocket, type ClientOptions } from 'ws';
import { ENVELOPE_BYTES, MAX_EVENT_BYTES, MAX_SUBSCRIPTION_BYTES } from '#shared/config/stream-limits.js';
import { AppError } from '#shared/errors/app-error.js';
import type { EdgeContext } from '../edge/edge-context.js';
import { BoundedQueue, QueueFull, WaitingRoom } from './bounded-queue.js';

export interface SubgraphSubscription {
  readonly query: string;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
}

const CONNECT_TIMEOUT_MS = 2_000;
/** For so long a subgraph is waited for that does not answer a close; the next connection waits for that too. */
const CLOSE_TIMEOUT_MS = 1_000;
/** A connection that was silent for so long is pinged, and one that does not answer for so long again is given up. */
const KEEP_ALIVE_MS = 12_000;
/** Its timer keeps a process that is stopping from ending. */
const IDLE_CLOSE_MS = 500;
const NORMAL_CLOSURE = 1000;
const GOING_AWAY = 1001;
/** The connection is everybody's and cannot wait for one slow client. */
const MAX_WAITING_EVENTS = 2_000;
/** For all readers of a subgraph, as JSON. */
const MAX_WAITING_BYTES = 32 * 1024 * 1024;

/** The types do not have `closeTimeout` yet. */
const SOCKET_OPTIONS: ClientOptions & { readonly closeTimeout: number } = {
  maxPayload: MAX_EVENT_BYTES + ENVELOPE_BYTES,
  handshakeTimeout: CONNECT_TIMEOUT_MS,
  closeTimeout: CLOSE_TIMEOUT_MS,
  perMessageDeflate: false,
};

/** The connection broke, or there was none. What ran on it may be running still. */
export class SubgraphLost extends AppError {
  constructor(subgraph: string, cause: unknown) {
    super('SERVICE_UNAVAILABLE', `The "${subgraph}" service is not available.`, { cause });
  }
}

/** The reader was given up, as more was waiting than it read. */
export class ReadTooSlowly extends AppError {
  constructor(cause: unknown) {
    super('SERVICE_UNAVAILABLE', 'You read too slowly for this stream; join it again where you were.', { cause });
  }
}

/**
 * Subscriptions of one subgraph, all of them over one connection, which is opened by the first and closed after the last.
 * Who asks travels with each subscription, since the connection is everybody's. A connection that breaks ends what runs
 * on it with {@link SubgraphLost}; the next subscription opens another.
 */
export class SubgraphStream {
  readonly #client: Client;
  readonly #waiting = new WaitingRoom(MAX_WAITING_BYTES);
  /** Of the message that is being read. */
  #messageBytes = 0;

  constructor(
    readonly name: string,
    url: string,
    keepAliveMs = KEEP_ALIVE_MS,
  ) {
    const read = (message: { readonly length: number }): void => void (this.#messageBytes = message.length);
    class BoundedWebSocket extends WebSocket {
      #isLeft = false;

      constructor(address: string, protocols: string | string[]) {
        super(address, protocols, SOCKET_OPTIONS);
        // Before the protocol reads it: whatever it leads to is done by the time of the next.
        this.on('message', read);
      }

      override close(code?: number, reason?: string | Buffer): void {
        // In reply to the subgraph's own close it is called with that one's reason, as bytes.
        this.#isLeft ||= typeof reason === 'string';
        super.close(code, reason);
      }

      /** After a close in peace the library would send again whatever still runs, and what was begun must not begin twice. */
      override emit(event: string | symbol, ...args: unknown[]): boolean {
        const isPeace = event === 'close' && args[0] === NORMAL_CLOSURE;
        return super.emit(event, ...(isPeace && !this.#isLeft ? [GOING_AWAY, ...args.slice(1)] : args));
      }
    }
    let silence: NodeJS.Timeout | undefined;
    this.#client = createClient({
      url: `${url.replace(/^http/, 'ws')}/graphql`,
      webSocketImpl: BoundedWebSocket,
      lazyCloseTimeout: IDLE_CLOSE_MS,
      keepAlive: keepAliveMs,
      connectionAckWaitTimeout: CONNECT_TIMEOUT_MS,
      on: {
        ping: (received) => {
          if (!received) silence = setTimeout(() => this.#client.terminate(), keepAliveMs).unref();
        },
        pong: (received) => received && clearTimeout(silence),
        closed: () => clearTimeout(silence),
      },
      retryAttempts: 0,
      onNonLazyError: () => undefined,
    });
  }

  /**
   * Events until the subgraph ends the stream or the reader returns. A reader who lets too many wait gets those and then
   * {@link ReadTooSlowly}, which comes at once for who lets most wait when too much waits for all; until then the subgraph goes
   * on having a reader. One whose subgraph is gone
   * gets {@link SubgraphLost}. The subgraph's own refusal comes as an event without data. Throws PAYLOAD_TOO_LARGE, and sends
   * nothing, for what the connection would not outlive.
   */
  async *subscribe(subscription: SubgraphSubscription, context: EdgeContext): AsyncGenerator<ExecutionResult, void> {
    const { query, operationName, variables } = subscription;
    const extensions = { authorization: `Bearer ${context.accessToken ?? ''}`, requestId: context.requestId };
    const named = operationName === undefined ? {} : { operationName };
    const events = new BoundedQueue<ExecutionResult>(MAX_WAITING_EVENTS, this.#waiting, () => leave());
    const payload = { query, ...named, variables: { ...variables }, extensions };
    assertSendable(payload);
    const leave = this.#client.subscribe(payload, {
      next: (event) => events.push(event as ExecutionResult, this.#messageBytes),
      error: (error) => events.fail(error),
      complete: () => events.done(),
    });
    const stop = (): void => void events.return();
    context.signal.addEventListener('abort', stop, { once: true });
    try {
      for await (const event of events) yield event;
    } catch (cause) {
      if (Array.isArray(cause)) yield { errors: cause };
      else throw cause instanceof QueueFull ? new ReadTooSlowly(cause) : new SubgraphLost(this.name, cause);
    } finally {
      context.signal.removeEventListener('abort', stop);
      await events.return();
    }
  }

  async close(): Promise<void> {
    await this.#client.dispose();
  }
}

function assertSendable(payload: object): void {
  if (Buffer.byteLength(JSON.stringify(payload)) > MAX_SUBSCRIPTION_BYTES) {
    const message = `A subscription may have at most ${MAX_SUBSCRIPTION_BYTES} bytes, its fragments written out.`;
    throw new AppError('PAYLOAD_TOO_LARGE', message);
  }
}
