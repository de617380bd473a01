import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { CloseCode, createClient, type Client } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { Account } from './account.js';
import { ApiError } from './graphql-api.js';

/** The turn as it was recorded. */
export interface Turn {
  readonly status: number;
  readonly error: string | null;
  readonly provider: string;
  readonly model: string;
  readonly latencyMs: number;
  readonly tokens: { readonly in: number; readonly out: number };
  readonly cost: { readonly usd: number | null };
  readonly assistantMessage: { readonly content: string } | null;
}

/** A piece of an answer; the first has its id alone, the last no text and the turn. */
export interface AnswerEvent {
  readonly id: string;
  readonly seq: number;
  readonly delta: string;
  readonly message: Turn | null;
}

export interface Message {
  readonly sessionId: string;
  readonly content: string;
  readonly model?: string | undefined;
}

export interface AnswerLineParts {
  readonly url: string;
  readonly account: Account;
  /** The line broke, and another attempt is made. */
  readonly onBroken: (attempt: number, attempts: number) => void;
  /** The line is there again. */
  readonly onBack: () => void;
}

/** The line broke more often in a row than it is worth trying. */
export class LineLost extends Error {}

/** In a row: each piece that arrives starts the count anew. */
const ATTEMPTS = 8;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 4_000;
const PING_EVERY_MS = 12_000;
const PONG_WITHIN_MS = 5_000;
const MAX_EVENT_BYTES = 16 * 1024 * 1024;
const NORMAL_CLOSURE = 1000;
const GOING_AWAY = 1001;
/** The stream broke behind the door, which says so on a line that is whole. */
const BROKEN_BEHIND = 'SERVICE_UNAVAILABLE';

const EVENT = `id seq delta message {
  status error provider model latencyMs tokens { in out } cost { usd } assistantMessage { content }
}`;
const SEND = `subscription ($input: SendChatMessageInput!) { event: chat(input: $input) { ${EVENT} } }`;
const JOIN = `subscription ($id: ID!, $after: Int!) { event: chatMessage(id: $id, after: $after) { ${EVENT} } }`;

/** A connection for as long as its answer is wanted. */
function socketUntil(signal: AbortSignal) {
  return class Socket extends WebSocket {
    #isLeft = false;

    constructor(address: string, protocols: string | string[]) {
      super(address, protocols, { maxPayload: MAX_EVENT_BYTES, handshakeTimeout: PONG_WITHIN_MS });
      // At once, whether it is open or still being opened.
      const leave = (): void => this.terminate();
      signal.addEventListener('abort', leave, { once: true });
      this.once('close', () => signal.removeEventListener('abort', leave));
    }

    override close(code?: number, reason?: string | Buffer): void {
      // In reply to the other side's close it is called with that one's reason, as bytes.
      this.#isLeft ||= typeof reason === 'string';
      super.close(code, reason);
    }

    /** After a close with 1000 by the other side the library would send the message again: it is told of 1001 instead. */
    override emit(event: string | symbol, ...args: unknown[]): boolean {
      const isPolite = event === 'close' && args[0] === NORMAL_CLOSURE && !this.#isLeft;
      return super.emit(event, ...(isPolite ? [GOING_AWAY, ...args.slice(1)] : args));
    }
  };
}

/** Answers over WebSocket, taken up again after the last piece seen whenever the line breaks. */
export class AnswerLine {
  constructor(private readonly parts: AnswerLineParts) {}

  /**
   * Sends a message and yields its answer, to its turn or to the abort. Throws ApiError for what the platform refuses, and
   * LineLost.
   */
  async *answerTo(message: Message, signal: AbortSignal): AsyncGenerator<AnswerEvent, void> {
    // A message whose answer was never heard of is sent again by the same key, and so is answered once.
    const input = sendInput(message, randomUUID());
    let last: AnswerEvent | undefined;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      if (attempt > 0) await this.#waitFor(attempt, signal);
      if (signal.aborted) return;
      const ask = last
        ? { query: JOIN, variables: { id: last.id, after: last.seq } }
        : { query: SEND, variables: { input } };
      try {
        for await (const event of this.#events(ask, signal)) {
          if (attempt > 0) this.parts.onBack();
          attempt = 0;
          // What is shown already.
          if (last && event.seq <= last.seq) continue;
          last = event;
          yield event;
          if (event.message) return;
        }
      } catch (error) {
        if (signal.aborted) return;
        if (endsSession(error)) await unlessAborted(signal, this.parts.account.renew());
        else if (!isBrokenLine(error)) throw refusalOf(error);
      }
    }
  }

  async #waitFor(attempt: number, signal: AbortSignal): Promise<void> {
    if (attempt > ATTEMPTS) throw new LineLost();
    this.parts.onBroken(attempt, ATTEMPTS);
    const waitMs = Math.min(FIRST_WAIT_MS * 2 ** (attempt - 1), LONGEST_WAIT_MS);
    await sleep(waitMs, undefined, { signal }).catch(() => undefined);
  }

  async *#events(
    ask: { readonly query: string; readonly variables: Record<string, unknown> },
    signal: AbortSignal,
  ): AsyncGenerator<AnswerEvent, void> {
    const accessToken = await unlessAborted(signal, this.parts.account.accessToken());
    if (accessToken === undefined || signal.aborted) return;
    const client = this.#connect(accessToken, signal);
    try {
      for await (const { data, errors } of client.iterate<{ event: AnswerEvent }>(ask)) {
        if (errors || !data) throw errors ?? new Error('an event without data');
        yield data.event;
      }
    } finally {
      // Rejects where it never came to a connection.
      await Promise.resolve(client.dispose()).catch(() => undefined);
    }
  }

  #connect(accessToken: string, signal: AbortSignal): Client {
    let silence: NodeJS.Timeout | undefined;
    const client: Client = createClient({
      url: `${this.parts.url.replace(/^http/, 'ws')}/graphql`,
      webSocketImpl: socketUntil(signal),
      connectionParams: { authorization: `Bearer ${accessToken}` },
      retryAttempts: 0,
      keepAlive: PING_EVERY_MS,
      on: {
        // A line may be dead without either end having been told.
        ping: (received) => {
          if (!received) silence = setTimeout(() => client.terminate(), PONG_WITHIN_MS);
        },
        pong: (received) => {
          if (received) clearTimeout(silence);
        },
        closed: () => clearTimeout(silence),
      },
    });
    return client;
  }
}

/** Undefined as soon as it is aborted; the work goes on then, and what comes of it is not heard of. */
async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T | undefined> {
  const aborted = Promise.withResolvers<undefined>();
  const leave = (): void => aborted.resolve(undefined);
  if (signal.aborted) leave();
  signal.addEventListener('abort', leave, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

function sendInput({ sessionId, content, model }: Message, idempotencyKey: string): Record<string, unknown> {
  return { sessionId, idempotencyKey, messages: [{ role: 'user', content }], ...(model && { model }) };
}

/** Errors of the operation come as a list; what else goes wrong is the line's fault. */
function isBrokenLine(error: unknown): boolean {
  if (error instanceof ApiError) return false;
  return !Array.isArray(error) || refusalOf(error).code === BROKEN_BEHIND;
}

/** The access token has expired, or is not good any more. */
function endsSession(error: unknown): boolean {
  if (Array.isArray(error)) return refusalOf(error).code === 'UNAUTHENTICATED';
  return (error as { code?: unknown } | null)?.code === CloseCode.Forbidden;
}

function refusalOf(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const [refusal] = error as { message: string; extensions?: { code?: string } }[];
  return new ApiError(refusal?.extensions?.code ?? 'INTERNAL_SERVER_ERROR', refusal?.message ?? '');
}
