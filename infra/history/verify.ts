import { placedLineOf } from '#shared/history/settling/day-index.js';
import type { HistoryRecord, LlmService } from '#shared/history/history.port.js';
import { identityOf, outboxId, OUTBOX_PREFIX } from '#shared/history/keys.js';
import { listAll, type ObjectStore } from '#shared/history/store/object-store.port.js';
import { ABANDONED_AFTER_MS } from '#shared/history/settling/outbox-reader.js';
import { eventOf } from '#shared/history/settling/settlement.js';
import { sideBySide } from '#shared/concurrency/side-by-side.js';
import { checkRecord } from './check-record.js';
import { eventDigest } from './event-digest.js';
import type { IsPastTtl } from './event-age.js';
import { indexesOf } from './index-lines.js';
import { recordsOf } from './records.js';

export interface VerifyParts {
  readonly service: LlmService;
  readonly store: ObjectStore;
  /** The events that analytics has of the service: id → digest, as {@link eventDigest} makes it. */
  readonly events: () => Promise<ReadonlyMap<string, string>>;
  readonly isPastTtl: IsPastTtl;
  readonly now: () => Date;
}

export interface Verified {
  readonly counts: {
    records: number;
    files: number;
    expired: number;
    lines: number;
    events: number;
    /** Records whose events were not looked for, as they may have been deleted for their age. */
    past: number;
    pending: number;
  };
  readonly faults: readonly string[];
}

const CHECKS = 8;

/**
 * Compares a service's records with their files, its indexes, analytics and the outbox. It may run while the service works: what
 * is derived is read before the records, so that it can have nothing that they lack, and what is missing is looked for
 * once more at the end, when only what still waits in the outbox may be missing.
 */
export async function verifyHistory({ service, store, events, isPastTtl, now }: VerifyParts): Promise<Verified> {
  const faults: string[] = [];
  const lines = await readLines(store, service, faults);
  const recorded = await events();
  const counts = { records: 0, files: 0, expired: 0, lines: lines.size, events: recorded.size, past: 0, pending: 0 };
  const expected = new Map<string, Expected>();
  for await (const batch of recordsOf(store)) {
    const checked = await sideBySide(batch, CHECKS, (found) => checkRecord(store, found, now()));
    checked.forEach((one, at) => {
      counts.records += 1;
      counts.files += one.files;
      counts.expired += one.expired;
      const { key, record } = batch[at] ?? { key: '', record: null };
      faults.push(...one.faults.map((fault) => `${key}: ${fault}`));
      if (record && identityOf(record.id)) expected.set(record.id, expectedOf(record));
    });
  }
  faults.push(...wrong(expected, { lines, events: recorded }));
  const pending = await readOutbox(store);
  const late = missing(expected, { lines, events: recorded, isPastTtl }).filter(({ id }) => !pending.has(id));
  if (late.length > 0) {
    const derived = { lines: await readLines(store, service, []), events: await events(), isPastTtl };
    const still = missing(new Map(late.map(({ id, of }) => [id, of])), derived);
    faults.push(...still.map(({ id, what }) => `${id}: ${what}`));
  }
  counts.pending = pending.size;
  counts.past = [...expected.values()].filter(({ ts }) => isPastTtl(ts)).length;
  for (const id of pending) {
    const madeAt = identityOf(id)?.createdAt.getTime() ?? 0;
    if (now().getTime() - madeAt > ABANDONED_AFTER_MS) faults.push(`${id}: its outbox entry is older than 15 minutes`);
  }
  return { counts, faults };
}

/** What a record must have become. */
interface Expected {
  readonly line: string;
  readonly eventId: string;
  readonly eventDigest: string;
  readonly ts: string;
}

function expectedOf(record: HistoryRecord): Expected {
  const { indexKey, line } = placedLineOf(record);
  const event = eventOf(record);
  return {
    line: `${indexKey} ${JSON.stringify(line)}`,
    eventId: event.id,
    eventDigest: eventDigest(event),
    ts: record.createdAt,
  };
}

type Expectations = ReadonlyMap<string, Expected>;

/** What index and analytics have. */
interface Derived {
  readonly lines: ReadonlyMap<string, string>;
  readonly events: ReadonlyMap<string, string>;
  readonly isPastTtl: IsPastTtl;
}

function missing(expected: Expectations, { lines, events, isPastTtl }: Derived) {
  return [...expected].flatMap(([id, of]) => {
    const found: { id: string; of: Expected; what: string }[] = [];
    if (!lines.has(id)) found.push({ id, of, what: 'it has no line in the index' });
    if (!events.has(of.eventId) && !isPastTtl(of.ts)) found.push({ id, of, what: `it has no event (${of.eventId})` });
    return found;
  });
}

/** What is derived from no record, or says something else than its record. */
function wrong(expected: Expectations, { lines, events }: Pick<Derived, 'lines' | 'events'>): string[] {
  const eventIds = new Set([...expected.values()].map(({ eventId }) => eventId));
  const faults = [...events.keys()].filter((id) => !eventIds.has(id)).map((id) => `event ${id}: it has no record`);
  for (const [id, { eventId, eventDigest: digest }] of expected) {
    const found = events.get(eventId);
    if (found !== undefined && found !== digest) faults.push(`${id}: its event (${eventId}) differs from its record`);
  }
  for (const [id, line] of lines) {
    const of = expected.get(id);
    if (!of) faults.push(`${id}: its line in the index has no record`);
    else if (of.line !== line) faults.push(`${id}: its line in the index differs from its record`);
  }
  return faults;
}

/** Record id → where its line stands and what it says. */
async function readLines(store: ObjectStore, service: LlmService, faults: string[]): Promise<Map<string, string>> {
  const byId = new Map<string, string>();
  for await (const { key, lines, unreadable } of indexesOf(store, service)) {
    faults.push(...unreadable.map((line) => `${key} line ${line}: it cannot be read`));
    for (const line of lines) {
      if (byId.has(line.id)) faults.push(`${line.id}: it has two lines in the index`);
      byId.set(line.id, `${key} ${JSON.stringify(line)}`);
    }
  }
  return byId;
}

async function readOutbox(store: ObjectStore): Promise<Set<string>> {
  const ids = new Set<string>();
  for await (const key of listAll(store, OUTBOX_PREFIX, 1_000)) ids.add(outboxId(key) ?? key);
  return ids;
}
