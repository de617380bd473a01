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
    if (status !== 200 || !isAccepted(answer)) {
      throw unavailable(new Error(`analytics refused: ${status} ${answer.slice(0, 500)}`));
    }
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}

function isAccepted(answer: string): boolean {
  try {
    const { data } = JSON.parse(answer) as { data?: { recordEvents?: unknown } | null };
    return typeof data?.recordEvents === 'number';
  } catch {
    return false;
  }
}

function unavailable(cause: unknown): AppError {
  return new AppError('SERVICE_UNAVAILABLE', 'Analytics is not available.', { cause });
}
