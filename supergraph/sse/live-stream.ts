import { GraphQLError, type ExecutionResult, type GraphQLFormattedError, type GraphQLSchema } from 'graphql';
import { AppError } from '#shared/errors/app-error.js';
import { problemOf } from '#shared/errors/problem.js';
import { publicErrorOf } from '#shared/errors/public-error.js';
import type { TokenVerifier } from '#shared/context/token-verifier.js';
import { StoppableStream } from '#shared/concurrency/stoppable-stream.js';
import type { EdgeContext } from '../edge/edge-context.js';
import type { ParsedOperation } from '../edge/operation-budget.js';
import { createErrorFormatter } from '../gateway/format-error.js';
import { operationError } from '../gateway/operation-error.js';
import type { SubscribeOperation } from '../subscriptions/subscribe-operation.js';
import { withKeepAlive } from './keep-alive.js';
import { eventText, KEEP_ALIVE, type ServerEvent } from './server-event.js';

/** A subscription that was admitted, and what its events are to the reader. */
export interface StreamOrder {
  readonly operation: ParsedOperation;
  /** Null for one that is no news to the reader. */
  readonly eventOf: (data: unknown) => ServerEvent | null;
  /** It was begun by another request: that it failed is then news of it, and not the outcome of this request. */
  readonly joins: boolean;
}

export interface LiveStreamParts {
  readonly order: StreamOrder;
  readonly context: EdgeContext;
  readonly schema: GraphQLSchema;
  readonly execute: SubscribeOperation;
  readonly verify: TokenVerifier;
  readonly keepAliveMs: number;
}

/** One subscription on its way to one reader. */
export class LiveStream {
  readonly #stop = new AbortController();
  #ending: { readonly error: unknown } | undefined;

  constructor(private readonly parts: LiveStreamParts) {
    const { signal } = parts.context;
    signal.addEventListener('abort', () => this.stop(), { once: true });
    if (signal.aborted) this.stop();
  }

  /**
   * Starts it, and resolves with its text as soon as there is something to say, be it that the line is in use. Throws what
   * goes wrong until then.
   */
  async open(): Promise<AsyncGenerator<string, void>> {
    const events = withKeepAlive(this.#events(), this.parts.keepAliveMs);
    const begun = await events.next();
    const first = begun.done ? null : begun.value;
    if (first?.event === 'error' && !this.parts.order.joins) throw first.error;
    return this.#texts(first, events);
  }

  /** Ends it once its token would be refused by any other request too. */
  recheck(): void {
    try {
      this.parts.verify(this.parts.context.accessToken ?? '');
    } catch (error) {
      this.end(error);
    }
  }

  /** Ends it, and tells the reader why. */
  end(error: unknown): void {
    this.#ending ??= { error };
    this.stop();
  }

  /** Ends it for a reader who is not there any more. */
  stop(): void {
    this.#stop.abort();
  }

  async *#texts(first: ServerEvent | null, rest: AsyncIterable<ServerEvent | null>): AsyncGenerator<string, void> {
    try {
      yield this.#textOf(first);
      for await (const event of rest) yield this.#textOf(event);
    } catch (error) {
      if (this.parts.context.signal.aborted) return;
      yield this.#problemText(error);
    }
  }

  async *#events(): AsyncGenerator<ServerEvent, void> {
    const { order, context, execute } = this.parts;
    const start = async () => execute(order.operation, { ...context, signal: this.#stop.signal });
    for await (const result of new StoppableStream(start, this.#stop)) {
      const event = order.eventOf(this.#dataOf(result));
      if (!event) continue;
      yield event;
      if (event.event !== 'delta') return;
    }
    if (this.#ending) throw this.#ending.error;
    if (context.signal.aborted) throw new AppError('CLIENT_CLOSED_REQUEST', 'The client left before the answer.');
    throw new AppError('SERVICE_UNAVAILABLE', 'The answer broke off; join it again where you were.');
  }

  #dataOf({ data, errors }: ExecutionResult): unknown {
    if (!errors || errors.length === 0) return data;
    const format = createErrorFormatter(this.parts.context.log, this.parts.schema);
    throw operationError(errors.map((error) => format(plain(error), error)));
  }

  #textOf(event: ServerEvent | null): string {
    if (!event) return KEEP_ALIVE;
    return event.event === 'error' ? this.#problemText(event.error, event.id) : eventText(event);
  }

  #problemText(error: unknown, id?: string): string {
    const { log, requestId } = this.parts.context;
    const found = publicErrorOf(error);
    if (found.code === 'INTERNAL_SERVER_ERROR') log.error({ err: error }, 'stream failed');
    return eventText({ event: 'error', ...(id !== undefined && { id }), data: problemOf(found, requestId) });
  }
}

/** An executor may hand on errors of a subgraph's reply, which are plain already. */
function plain(error: GraphQLError | GraphQLFormattedError): GraphQLFormattedError {
  return error instanceof GraphQLError ? error.toJSON() : error;
}
