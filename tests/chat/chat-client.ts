import { once } from 'node:events';
import { createClient, type Client } from 'graphql-ws';
import { WebSocket } from 'ws';

export interface StreamEvent {
  readonly id: string;
  readonly seq: number;
  readonly delta: string;
  readonly message: {
    readonly status: number;
    readonly provider: string;
    readonly model: string;
    readonly error: string | null;
    readonly assistantMessage: { readonly role: string; readonly content: string } | null;
    readonly tokens: { readonly in: number; readonly out: number };
    readonly cost: { readonly usd: number | null };
    readonly outputUrl: string | null;
    readonly owner: { readonly email: string };
  } | null;
}

const EVENT = `id seq delta message {
  status provider model error assistantMessage { role content } tokens { in out } cost { usd } outputUrl owner { email }
}`;
export const CHAT = `subscription ($input: SendChatMessageInput!) { chat(input: $input) { ${EVENT} } }`;
export const JOIN = `subscription ($id: ID!, $after: Int!) { chatMessage(id: $id, after: $after) { ${EVENT} } }`;

/** One socket of the official client. */
export class ChatClient {
  readonly #client: Client;
  #socket = Promise.withResolvers<WebSocket>();

  constructor(url: string, token: string) {
    this.#client = createClient({
      url: `${url.replace(/^http/, 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${token}` },
      retryAttempts: 0,
      on: {
        connected: (socket) => this.#socket.resolve(socket as WebSocket),
        closed: () => (this.#socket = Promise.withResolvers()),
      },
    });
  }

  /** The answer, without the event that only tells its id. */
  async *send(sessionId: string, content: string): AsyncGenerator<StreamEvent, void> {
    for await (const event of this.sendAnnounced(sessionId, content)) if (event.seq > 0) yield event;
  }

  sendAnnounced(sessionId: string, content: string, idempotencyKey?: string): AsyncGenerator<StreamEvent, void> {
    const key = idempotencyKey === undefined ? {} : { idempotencyKey };
    const input = { sessionId, messages: [{ role: 'user', content }], ...key };
    return this.#events(CHAT, { input });
  }

  join(id: string, after: number): AsyncGenerator<StreamEvent, void> {
    return this.#events(JOIN, { id, after });
  }

  /** Breaks the line without a word, once there is one; resolves when it is broken. */
  async cut(): Promise<void> {
    const socket = await this.#socket.promise;
    const closed = once(socket, 'close');
    socket.terminate();
    await closed;
  }

  /** Reads nothing from the line until {@link resume}. */
  async pause(): Promise<void> {
    (await this.#socket.promise).pause();
  }

  async resume(): Promise<void> {
    (await this.#socket.promise).resume();
  }

  async close(): Promise<void> {
    await this.#client.dispose();
  }

  async *#events(query: string, variables: Record<string, unknown>): AsyncGenerator<StreamEvent, void> {
    const results = this.#client.iterate<Record<string, StreamEvent>>({ query, variables });
    try {
      for await (const { data, errors } of results) {
        const event = Object.values(data ?? {})[0];
        if (errors || !event) throw new Error(JSON.stringify(errors));
        yield event;
      }
    } catch (error) {
      // The errors of a message that ends the operation.
      throw Array.isArray(error) ? new Error(JSON.stringify(error)) : error;
    }
  }
}

/** All events of a stream to its end. */
export async function readAll(events: AsyncIterable<StreamEvent>): Promise<StreamEvent[]> {
  const all: StreamEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

export function textOf(events: readonly StreamEvent[]): string {
  return events.map(({ delta }) => delta).join('');
}
