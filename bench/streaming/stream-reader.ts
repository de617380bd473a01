import { WebSocket } from 'ws';
import { nowMs } from '../support/monotonic-clock.js';
import { tokensIn, type StampedToken, type StreamOrder } from './stamped-token.js';

const CHAT = `subscription ($input: SendChatMessageInput!) {
  chat(input: $input) { id seq delta message { status } }
}`;

/** A token and when it arrived. */
export interface Arrival extends StampedToken {
  readonly cameMs: number;
}

/** What became of one stream. */
export interface Reading {
  readonly order: StreamOrder;
  readonly sentMs: number;
  readonly arrivals: readonly Arrival[];
  /** Tokens that did not come, came twice or came out of order, and 1 where the answer did not end well. */
  readonly lost: number;
  /** Why it did not end well, where it did not. */
  readonly failure: string | undefined;
}

interface Event {
  readonly id: string;
  readonly seq: number;
  readonly delta: string;
  readonly message: { readonly status: number } | null;
}

type Message =
  | { readonly type: 'connection_ack' | 'complete' | 'ping' | 'pong' }
  | { readonly type: 'next'; readonly payload: { readonly data?: { readonly chat: Event }; readonly errors?: unknown } }
  | { readonly type: 'error'; readonly payload: unknown };

/** One socket with one subscription on it, as thin as a reader can be: it shares the machine with what it measures. */
export class StreamReader {
  readonly #arrivals: Arrival[] = [];
  readonly #ready = Promise.withResolvers<void>();
  readonly #id = Promise.withResolvers<string>();
  readonly #ended = Promise.withResolvers<void>();
  readonly #socket: WebSocket;
  #sentMs = 0;
  #faults = 0;
  #status = 0;
  #failure: string | undefined;

  constructor(
    url: string,
    token: string,
    readonly order: StreamOrder,
  ) {
    this.#socket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql`, 'graphql-transport-ws', {
      perMessageDeflate: false,
    });
    this.#socket.once('open', () => this.#send('connection_init', { authorization: `Bearer ${token}` }));
    this.#socket.on('message', (data: Buffer) => this.#heard(JSON.parse(data.toString()) as Message));
    this.#socket.on('error', (error) => this.#ready.reject(error));
    this.#socket.once('close', () => this.#ended.resolve());
  }

  /** Resolves when it is signed in. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Of the turn, once it is told. */
  get id(): Promise<string> {
    return this.#id.promise;
  }

  /** How many tokens have come. */
  get count(): number {
    return this.#arrivals.length;
  }

  /** Asks for the stream and reads it to its end, or to {@link leave}. */
  async read(): Promise<Reading> {
    const { order } = this;
    this.#sentMs = nowMs();
    const messages = [{ role: 'user', content: JSON.stringify(order) }];
    this.#send('subscribe', { query: CHAT, variables: { input: { sessionId: order.name, messages } } });
    await this.#ended.promise;
    const lost = this.#faults + (order.tokens - this.#arrivals.length) + (this.#status === 200 ? 0 : 1);
    const failure = this.#failure ?? (this.#status === 200 ? undefined : `status ${this.#status}`);
    return { order, sentMs: this.#sentMs, arrivals: this.#arrivals, lost, failure };
  }

  /** Breaks the line. */
  leave(): void {
    this.#socket.terminate();
  }

  #heard(message: Message): void {
    if (message.type === 'connection_ack') this.#ready.resolve();
    else if (message.type === 'complete') this.#socket.close();
    else if (message.type === 'next') this.#came(message.payload.data?.chat, message.payload.errors);
    else if (message.type === 'error') this.#failed(message.payload);
  }

  #came(event: Event | undefined, errors: unknown): void {
    const cameMs = nowMs();
    if (!event) return this.#failed(errors);
    this.#id.resolve(event.id);
    if (event.message) {
      this.#status = event.message.status;
      return;
    }
    // The event that only tells the id.
    if (event.seq === 0) return;
    for (const token of tokensIn(event.delta)) {
      if (token.at !== this.#arrivals.length) this.#faults += 1;
      this.#arrivals.push({ ...token, cameMs });
    }
  }

  #failed(errors: unknown): void {
    this.#failure = JSON.stringify(errors);
    this.#socket.close();
  }

  #send(type: string, payload: unknown): void {
    this.#socket.send(JSON.stringify({ type, ...(type === 'subscribe' && { id: '1' }), payload }));
  }
}
