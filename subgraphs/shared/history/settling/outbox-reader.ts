import { AppError } from '#shared/errors/app-error.js';
import type { Logger } from '#shared/logging/logger.js';
import type { HistoryRecord, OutboxEntry, RecordIdentity, RequestUnderWay } from '../history.port.js';
import { readJson } from '../store/json-object.js';
import { identityOf, outboxId, outboxKey, OUTBOX_PREFIX } from '../keys.js';
import type { ObjectStore } from '../store/object-store.port.js';
import { settlementOf, type Settlement } from './settlement.js';
import { sideBySide } from '#shared/concurrency/side-by-side.js';

export interface OutboxReaderParts {
  readonly store: ObjectStore;
  readonly log: Logger;
  readonly now: () => Date;
  /** Gives an abandoned request the record of a failure; see `Recorder.closeUnderWay`. */
  close(identity: RecordIdentity, request: RequestUnderWay): Promise<HistoryRecord | null>;
}

const READS = 16;
/** Longer than any request takes: one that has no record by then has died, and was never acknowledged. */
export const ABANDONED_AFTER_MS = 15 * 60_000;

/** What the outbox holds: committed records that may not be settled yet, and requests under way. */
export class OutboxReader {
  constructor(private readonly parts: OutboxReaderParts) {}

  /** Ids of entries, oldest first, so many at a time. What is no entry of ours is removed. */
  async *pages(size: number): AsyncGenerator<readonly string[]> {
    const { store } = this.parts;
    let startAfter: string | undefined;
    for (;;) {
      const keys = await store.list(OUTBOX_PREFIX, { limit: size, ...(startAfter !== undefined && { startAfter }) });
      const ids: string[] = [];
      for (const key of keys) {
        const id = outboxId(key);
        if (id !== null && identityOf(id)) ids.push(id);
        else await store.delete(key);
      }
      yield ids;
      startAfter = keys.at(-1);
      if (keys.length < size) return;
    }
  }

  /** What is to be done for the committed of these, and for the abandoned, which are committed here; whether any could not be read now. */
  async read(ids: readonly string[]): Promise<{ settlements: Settlement[]; unread: boolean }> {
    const found = await sideBySide(ids, READS, (id) => this.#read(id));
    return { settlements: found.filter((one) => one instanceof Object), unread: found.includes('unread') };
  }

  async #read(id: string): Promise<Settlement | 'unread' | 'nothing'> {
    const { store, log, now } = this.parts;
    const identity = identityOf(id);
    if (!identity) return 'nothing';
    try {
      const found = await readJson(store, `${identity.base}record.json`);
      if (found) return settlementOf(found.value as HistoryRecord);
      const isAbandoned = now().getTime() - identity.createdAt.getTime() > ABANDONED_AFTER_MS;
      const record = isAbandoned && (await this.#close(identity));
      return record ? settlementOf(record) : 'nothing';
    } catch (error) {
      if (error instanceof AppError) return 'unread';
      // A damaged record stays what it is however often it is read; its entry stays to say that it is there.
      log.error({ err: error, recordId: id }, 'a record is damaged');
      return 'nothing';
    }
  }

  /** Null for an entry that says too little of its request; that one is removed. */
  async #close(identity: RecordIdentity): Promise<HistoryRecord | null> {
    const { store, close } = this.parts;
    const key = outboxKey(identity.id);
    const entry = await readJson(store, key);
    const request = entry && (entry.value as OutboxEntry).request;
    if (request) return close(identity, request);
    if (entry) await store.delete(key);
    return null;
  }
}
