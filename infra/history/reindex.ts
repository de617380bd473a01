import type { EventSink } from '#shared/events/event-sink.port.js';
import {
  DayIndex,
  contentsOf,
  placedLineOf,
  type IndexLine,
  type PlacedLine,
} from '#shared/history/settling/day-index.js';
import type { LlmService } from '#shared/history/history.port.js';
import type { ObjectStore } from '#shared/history/store/object-store.port.js';
import { identityOf } from '#shared/history/keys.js';
import { Settler } from '#shared/history/settling/settler.js';
import { settlementOf } from '#shared/history/settling/settlement.js';
import type { Logger } from '#shared/logging/logger.js';
import type { IsPastTtl } from './event-age.js';
import { indexesOf } from './index-lines.js';
import { recordsOf } from './records.js';

export interface ReindexParts {
  readonly service: LlmService;
  readonly store: ObjectStore;
  readonly events: EventSink;
  readonly isPastTtl: IsPastTtl;
  readonly log: Logger;
}

export interface Reindexed {
  readonly records: number;
  /** Lines that no record stands behind, that stood there twice, or that could not be read. */
  readonly removed: number;
  /** Records whose events were not delivered, as they would be deleted for their age. */
  readonly past: number;
  /** Whether some of it could not be done now. */
  readonly isIncomplete: boolean;
}

const MAX_ATTEMPTS = 10;

/**
 * Makes the index and the events of a service what its records say: appends the lines that are missing, delivers the events
 * (those that are there stay as they are), corrects lines that differ, and removes those of no record and those that cannot be read. It may run while the service works.
 */
export async function reindexHistory(parts: ReindexParts): Promise<Reindexed> {
  const { service, store, isPastTtl, log } = parts;
  const settler = new Settler({ store, index: new DayIndex(store, log), events: lasting(parts), log });
  const expected = new Map<string, PlacedLine>();
  let [past, isIncomplete] = [0, false];
  for await (const batch of recordsOf(store)) {
    const sound = batch.flatMap(({ record }) => (record && identityOf(record.id) ? [record] : []));
    const left = await settler.settle(sound.map(settlementOf));
    isIncomplete ||= left.index || left.events;
    past += sound.filter(({ createdAt }) => isPastTtl(createdAt)).length;
    for (const record of sound) expected.set(record.id, placedLineOf(record));
  }
  let removed = 0;
  for await (const { key } of indexesOf(store, service)) removed += await prune(store, key, expected);
  return { records: expected.size, removed, past, isIncomplete };
}

/** Takes all events, and delivers those that analytics would not delete again. */
function lasting({ events, isPastTtl }: ReindexParts): EventSink {
  return {
    async deliver(batch) {
      const kept = batch.filter(({ ts }) => !isPastTtl(ts));
      if (kept.length > 0) await events.deliver(kept);
    },
  };
}

async function prune(store: ObjectStore, key: string, expected: ReadonlyMap<string, PlacedLine>): Promise<number> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    const found = await store.get(key);
    if (!found) return 0;
    const { lines, unreadable } = contentsOf(found.bytes);
    const kept = new Map<string, IndexLine>();
    for (const line of lines) {
      const of = expected.get(line.id);
      if (of?.indexKey === key) kept.set(line.id, of.line);
      // One that was committed since the records were read.
      else if (!of && (await hasRecord(store, line.id))) kept.set(line.id, line);
    }
    const bytes = Buffer.from([...kept.values()].map((line) => `${JSON.stringify(line)}\n`).join(''));
    if (Buffer.compare(bytes, found.bytes) === 0) return 0;
    const isWritten = await store.put(key, bytes, { contentType: 'application/jsonl', ifMatch: found.etag });
    if (isWritten) return lines.length + unreadable.length - kept.size;
  }
  throw new Error(`${key} is written to all the time; run this again later.`);
}

async function hasRecord(store: ObjectStore, id: string): Promise<boolean> {
  const identity = identityOf(id);
  return identity !== null && (await store.get(`${identity.base}record.json`)) !== null;
}
