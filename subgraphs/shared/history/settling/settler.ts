import type { EventSink } from '#shared/events/event-sink.port.js';
import { AppError } from '#shared/errors/app-error.js';
import type { Logger } from '#shared/logging/logger.js';
import type { DayIndex } from './day-index.js';
import { outboxKey } from '../keys.js';
import type { ObjectStore } from '../store/object-store.port.js';
import type { Settlement } from './settlement.js';
import { sideBySide } from '#shared/concurrency/side-by-side.js';

export interface SettlerParts {
  readonly store: ObjectStore;
  readonly index: DayIndex;
  readonly events: EventSink;
  readonly log: Logger;
}

/** Whether something could not be done that may be possible later. */
export interface Left {
  readonly index: boolean;
  readonly events: boolean;
}

type Done = ReadonlySet<Settlement>;

const INDEX_WRITES = 8;
/** Analytics finds fault with what it was sent; sending the same again is no use. */
const REFUSALS: ReadonlySet<string> = new Set(['BAD_USER_INPUT', 'PAYLOAD_TOO_LARGE']);

/**
 * Settles committed records: their lines are appended, one write for each index; their events are delivered, in one call;
 * and the outbox entries of those that are in both are removed. Each step skips what is already there.
 */
export class Settler {
  #isAway = false;

  constructor(private readonly parts: SettlerParts) {}

  async settle(batch: readonly Settlement[], { deliver = true } = {}): Promise<Left> {
    if (batch.length === 0) return { index: false, events: false };
    const [indexed, events] = await Promise.all([
      this.#index(batch),
      deliver ? this.#deliver(batch) : { delivered: new Set<Settlement>(), isAway: true },
    ]);
    const settled = batch.filter((one) => indexed.has(one) && events.delivered.has(one));
    const removed = await this.#remove(settled);
    return { index: indexed.size < batch.length || !removed, events: events.isAway };
  }

  async #index(batch: readonly Settlement[]): Promise<Done> {
    const { index, log } = this.parts;
    const done = new Set<Settlement>();
    const byIndex = [...Map.groupBy(batch, ({ indexKey }) => indexKey)];
    await sideBySide(byIndex, INDEX_WRITES, async ([key, settlements]) => {
      try {
        await index.add(
          key,
          settlements.map(({ line }) => line),
        );
        for (const one of settlements) done.add(one);
      } catch (error) {
        log.warn({ err: error, key, lines: settlements.length }, 'lines are left to the next sweep');
      }
    });
    return done;
  }

  /** A batch with which analytics finds fault is sent in halves, so that one bad event keeps no other from arriving. */
  async #deliver(batch: readonly Settlement[]): Promise<{ delivered: Done; isAway: boolean }> {
    const { events, log } = this.parts;
    try {
      await events.deliver(batch.map(({ event }) => event));
      if (this.#isAway) log.info('analytics takes events again');
      this.#isAway = false;
      return { delivered: new Set(batch), isAway: false };
    } catch (error) {
      const isRefused = error instanceof AppError && REFUSALS.has(error.code);
      if (isRefused && batch.length > 1) {
        const middle = batch.length >> 1;
        const first = await this.#deliver(batch.slice(0, middle));
        const second = await this.#deliver(batch.slice(middle));
        return { delivered: new Set([...first.delivered, ...second.delivered]), isAway: first.isAway || second.isAway };
      }
      if (isRefused) log.error({ err: error, recordId: batch[0]?.recordId }, 'analytics refuses an event');
      else if (!this.#isAway) log.warn({ err: error }, 'analytics takes no events; they wait in the outbox');
      this.#isAway ||= !isRefused;
      return { delivered: new Set(), isAway: !isRefused };
    }
  }

  async #remove(settled: readonly Settlement[]): Promise<boolean> {
    try {
      await this.parts.store.deleteAll(settled.map(({ recordId }) => outboxKey(recordId)));
      return true;
    } catch (error) {
      this.parts.log.warn({ err: error, entries: settled.length }, 'outbox entries are left to the next sweep');
      return false;
    }
  }
}
