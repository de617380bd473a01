import { Pool } from 'undici';
import { AppError } from '#shared/errors/app-error.js';
import { REQUEST_ID_HEADER } from '#shared/context/request-id.js';
import type { EventSink } from './event-sink.port.js';
import type { DeliverableEvent } from './usage-event.js';

const TIMEOUT_MS = 5_000;
const CONNECTIONS = 8;
const RECORD_EVENTS = 'mutation RecordEvents($events: [RecordEventInput!]!) { recordEvents(events: $events) }';

/** Delivers events to the analytics subgraph, as the service that the token names. */
export class AnalyticsSink implements EventSink {
  readonly #pool: Pool;
  readonly #path: string;

  constructor(
    analyticsUrl: string,
    private readonly signToken: () => string,
  ) {
    const url = new URL(`${analyticsUrl}/graphql`);
    this.#path = url.pathname;
    this.#pool = new Pool(url.origin, {
      connections: CONNECTIONS,
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
    });
  }

  async deliver(events: readonly DeliverableEvent[]): Promise<void> {
    const [first] = events;
    if (!first) return;
    let status: number;
    let answer: string;
    try {
      const reply = await this.#pool.request({
        path: this.#path,
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${this.signToken()}`,
          [REQUEST_ID_HEADER]: first.requestId,
        },
        body: JSON.stringify({ query: RECORD_EVENTS, variables: { events } }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      status = reply.statusCode;
      answer = await reply.body.text();
    } catch (cause) {
      throw unavailable(cause);
    }
    if (status === 200 && isAccepted(answer)) return;
    const cause = new Error(`analytics refused: ${status} ${answer.slice(0, 500)}`);
    if (status === 413) throw new AppError('PAYLOAD_TOO_LARGE', 'Too many events at once.', { cause });
    if (isFaulted(answer)) throw new AppError('BAD_USER_INPUT', 'Analytics finds fault with an event.', { cause });
    throw unavailable(cause);
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}

interface Answer {
  readonly data?: { readonly recordEvents?: unknown } | null;
  readonly errors?: readonly { readonly extensions?: { readonly code?: unknown } }[];
}

function isAccepted(answer: string): boolean {
  return typeof parsed(answer)?.data?.recordEvents === 'number';
}

function isFaulted(answer: string): boolean {
  const errors = parsed(answer)?.errors;
  return Array.isArray(errors) && (errors as Answer['errors'])?.[0]?.extensions?.code === 'BAD_USER_INPUT';
}

function parsed(answer: string): Answer | null {
  try {
    return JSON.parse(answer) as Answer | null;
  } catch {
    return null;
  }
}

function unavailable(cause: unknown): AppError {
  return new AppError('SERVICE_UNAVAILABLE', 'Analytics is not available.', { cause });
}
