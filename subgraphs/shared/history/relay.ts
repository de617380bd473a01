import type { EventSink } from '#shared/events/event-sink.port.js';
import { eventIdOf, type DeliverableEvent } from '#shared/events/usage-event.js';
import type { Logger } from '#shared/logging/logger.js';
import type { DayIndex } from './day-index.js';
import type { HistoryRecord } from './history.port.js';
import { readJson } from './json-object.js';
import { identityOf, outboxId, outboxKey, OUTBOX_PREFIX } from './keys.js';
import { listAll, type ObjectStore } from './object-store.port.js';

export interface RelayParts {
  readonly store: ObjectStore;
  readonly index: DayIndex;
  readonly events: EventSink;
  readonly log: Logger;
  readonly now: () => Date;
}

const SWEEP_EVERY_MS = 60_000;
/** A request that has no record after this long was never acknowledged, and never will be. */
const ABANDONED_AFTER_MS = 15 * 60_000;

/**
 * Brings committed records to the index and to analytics. The outbox entry of a record stays until both have it, so what
 * a crash or an outage interrupts is finished by a later sweep, by whichever replica.
 */
export class Relay {
  readonly #running = new Set<Promise<unknown>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly parts: RelayParts) {}

  /** Sweeps now and from then on every minute. */
  start(): void {
    this.#track(this.sweep());
    this.#timer = setInterval(() => this.#track(this.sweep()), SWEEP_EVERY_MS).unref();
  }

  /** Settles a record in the background; what fails is left to the sweep. */
  hand(record: HistoryRecord): void {
    this.#track(this.settle(record));
  }

  /**
   * Appends the history line, delivers the event, then removes the outbox entry. Safe to run twice and by two replicas at
   * once: each step skips what is already there.
   */
  async settle(record: HistoryRecord): Promise<void> {
    const { index, events, store } = this.parts;
    await index.append(record);
    await events.deliver([eventOf(record)]);
    await store.delete(outboxKey(record.id));
  }

  /** Settles what the outbox holds; one entry that fails does not keep the others from it. */
  async sweep(): Promise<void> {
    const { store, log, now } = this.parts;
    for await (const key of listAll(store, OUTBOX_PREFIX)) {
      const identity = identityOf(outboxId(key) ?? '');
      const found = identity && (await readJson<HistoryRecord>(store, `${identity.base}record.json`));
      if (found) {
        await this.settle(found.value).catch((error: unknown) => log.warn({ err: error, key }, 'left in the outbox'));
      } else if (!identity || now().getTime() - identity.createdAt.getTime() > ABANDONED_AFTER_MS) {
        await store.delete(key);
      }
    }
  }

  /** Starts no more sweeps and waits for what is running. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.allSettled(this.#running);
  }

  #track(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => this.parts.log.warn({ err: error }, 'left to the next sweep'))
      .finally(() => this.#running.delete(tracked));
    this.#running.add(tracked);
  }
}

function eventOf(record: HistoryRecord): DeliverableEvent {
  const { userId, username, service, provider, model, latencyMs, status, tokens, size, cost, meta } = record;
  return {
    id: eventIdOf(record.id),
    ts: record.createdAt,
    userId,
    username,
    service,
    action: meta.action,
    requestId: meta.requestId,
    provider,
    model,
    latencyMs,
    status,
    tokens,
    size,
    cost,
    meta: { params: meta.params },
  };
}
