import { once } from 'node:events';
import { request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { WebSocket, type ClientOptions } from 'ws';

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

export interface ProtocolMessage {
  readonly type: string;
  readonly id?: string;
  readonly payload?: unknown;
}

export interface OperationError {
  readonly message: string;
  readonly locations?: readonly unknown[];
  readonly extensions: Readonly<Record<string, unknown>>;
}

export interface RawOptions extends ClientOptions {
  readonly protocols?: string[];
}

/** A WebSocket that sends and gets what it is told, within the protocol or not. */
export class RawClient {
  readonly #messages: ProtocolMessage[] = [];
  readonly #waiting: ((message: ProtocolMessage) => void)[] = [];
  readonly closed: Promise<Closed>;

  private constructor(readonly socket: WebSocket) {
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    // What goes wrong shows in the close event.
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as ProtocolMessage;
      const waiting = this.#waiting.shift();
      if (waiting) waiting(message);
      else this.#messages.push(message);
    });
  }

  /** An open socket that has said nothing yet. */
  static async open(url: string, { protocols = ['graphql-transport-ws'], ...options }: RawOptions = {}) {
    const client = new RawClient(new WebSocket(graphqlUrl(url), protocols, options));
    await once(client.socket, 'open');
    return client;
  }

  /** An open socket that has signed in. */
  static async signedIn(url: string, token: string, options: RawOptions = {}): Promise<RawClient> {
    const client = await RawClient.open(url, options);
    client.signIn(token);
    const { type } = await client.next();
    if (type !== 'connection_ack') throw new Error(`expected connection_ack, got ${type}`);
    return client;
  }

  signIn(token: string): void {
    this.send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
  }

  send(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  subscribe(query: string, { id = '1', ...payload }: { id?: string; [field: string]: unknown } = {}): void {
    this.send({ type: 'subscribe', id, payload: { query, ...payload } });
  }

  next(): Promise<ProtocolMessage> {
    const message = this.#messages.shift();
    return message ? Promise.resolve(message) : new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** The one error with which the operation is refused. */
  async refusal(): Promise<OperationError> {
    const { type, payload } = await this.next();
    if (type !== 'error') throw new Error(`expected error, got ${type}: ${JSON.stringify(payload)}`);
    const [error, ...others] = payload as OperationError[];
    if (!error || others.length > 0) throw new Error(`expected one error, got ${JSON.stringify(payload)}`);
    return error;
  }

  close(): Promise<Closed> {
    this.socket.close();
    return this.closed;
  }
}

export interface UpgradeReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface UpgradeRequest {
  readonly protocol?: string;
  readonly headers?: Record<string, string>;
  /** Sent by POST. */
  readonly json?: unknown;
}

/** What a request that wants to upgrade gets by HTTP instead. */
export async function refusedUpgrade(url: string, sent: UpgradeRequest = {}): Promise<UpgradeReply> {
  const { protocol = 'websocket', headers, json } = sent;
  const asked = request(url, {
    method: json === undefined ? 'GET' : 'POST',
    headers: {
      connection: 'Upgrade',
      upgrade: protocol,
      ...(protocol === 'websocket' && HANDSHAKE),
      ...(json !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
  });
  asked.end(json === undefined ? undefined : JSON.stringify(json));
  const granted = once(asked, 'upgrade').then(([, socket]) => {
    (socket as Socket).destroy();
    throw new Error('the upgrade was granted');
  });
  const [response] = (await Promise.race([once(asked, 'response'), granted])) as [IncomingMessage];
  return { status: response.statusCode ?? 0, headers: response.headers, body: await text(response) };
}

const HANDSHAKE = {
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-protocol': 'graphql-transport-ws',
};

export function graphqlUrl(url: string): string {
  return `${url.replace(/^http/, 'ws')}/graphql`;
}
