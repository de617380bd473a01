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
  #sweeping = false;
  #stopped = false;

  constructor(private readonly parts: RelayParts) {}

  /** Sweeps now and from then on every minute, unless the sweep before is still at it. */
  start(): void {
    const sweep = (): void => {
      if (!this.#sweeping) this.#track(this.sweep());
    };
    sweep();
    this.#timer = setInterval(sweep, SWEEP_EVERY_MS).unref();
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

  /** Settles what the outbox holds; one entry that fails does not keep the others from it. Throws when it cannot be listed. */
  async sweep(): Promise<void> {
    const { store, log } = this.parts;
    this.#sweeping = true;
    try {
      for await (const key of listAll(store, OUTBOX_PREFIX)) {
        if (this.#stopped) return;
        await this.#clear(key).catch((error: unknown) => log.warn({ err: error, key }, 'left in the outbox'));
      }
    } finally {
      this.#sweeping = false;
    }
  }

  /** Starts no more sweeps, ends one that is running after its entry, and waits for it and for what was handed over. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await Promise.allSettled(this.#running);
  }

  /** Settles an outbox entry's record, or removes the entry when there will be none. */
  async #clear(key: string): Promise<void> {
    const { store, now } = this.parts;
    const identity = identityOf(outboxId(key) ?? '');
    const found = identity && (await readJson(store, `${identity.base}record.json`));
    if (found) await this.settle(found.value as HistoryRecord);
    else if (!identity || now().getTime() - identity.createdAt.getTime() > ABANDONED_AFTER_MS) await store.delete(key);
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
