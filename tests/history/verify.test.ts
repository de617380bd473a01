import { beforeEach, describe, expect, it } from '@jest/globals';
import { pastTtl } from '../../infra/history/event-age.js';
import { reindexHistory } from '../../infra/history/reindex.js';
import { verifyHistory, type Verified } from '../../infra/history/verify.js';
import { AppError } from '#shared/errors/app-error.js';
import { eventIdOf, type DeliverableEvent } from '#shared/events/usage-event.js';
import { eventDigest } from '../../infra/history/event-digest.js';
import { DayIndex } from '#shared/history/settling/day-index.js';
import type { HistoryRecord } from '#shared/history/history.port.js';
import { indexKey, newIdentity, outboxKey } from '#shared/history/keys.js';
import { eventOf } from '#shared/history/settling/settlement.js';
import { createLogger } from '#shared/logging/logger.js';
import {
  MemorySink,
  NOW,
  openReplica,
  producedOf,
  recordOf,
  REQUEST_ID,
  requestOf,
  USER_ID,
} from '../support/history-under-test.js';
import { MemoryObjectStore } from '../support/memory-object-store.js';

const INDEX = indexKey(USER_ID, 'image', NOW);
const JSON_TYPE = { contentType: 'application/json' };
const log = createLogger({ level: 'silent', service: 'test' });

let store: MemoryObjectStore;
let events: MemorySink;
let records: HistoryRecord[];
beforeEach(async () => {
  store = new MemoryObjectStore();
  events = new MemorySink();
  const { history, relay } = openReplica({ store, events });
  records = [];
  for (let n = 0; n < 3; n += 1) records.push(await history.run(requestOf(), async () => producedOf()));
  await history
    .run(requestOf(), () => Promise.reject(new AppError('UPSTREAM_ERROR', 'It failed.')))
    .catch(() => undefined);
  await relay.stop();
});

const verify = (now = NOW, ttlDays?: number): Promise<Verified> => {
  const recorded = async (): Promise<Map<string, string>> =>
    new Map([...events.events].map(([id, event]) => [id, eventDigest(event)]));
  const isPastTtl = pastTtl(ttlDays, () => now);
  return verifyHistory({ service: 'image', store, events: recorded, isPastTtl, now: () => now });
};
const reindex = (now = NOW, ttlDays?: number) =>
  reindexHistory({ service: 'image', store, events, isPastTtl: pastTtl(ttlDays, () => now), log });
const baseOf = ({ id }: HistoryRecord): string => `requests/2026/11/24/${id}/`;
const put = (key: string, text: string): Promise<boolean> => store.put(key, Buffer.from(text), JSON_TYPE);

describe('npm run history:verify', () => {
  it('finds nothing wrong with what the service has done', async () => {
    const { counts, faults } = await verify();
    expect(faults).toEqual([]);
    expect(counts).toEqual({ records: 4, files: 13, expired: 0, lines: 4, events: 4, past: 0, pending: 0 });
  });

  const breakages: [string, string, () => unknown][] = [
    ['an input that is gone', 'input is not there', () => store.delete(`${baseOf(records[0]!)}input.json`)],
    ['an artifact that is gone', 'image is not there', () => store.delete(records[0]!.artifacts['image']!)],
    ['an output that is gone', 'output is not there', () => store.delete(`${baseOf(records[0]!)}output.json`)],
    ['another artifact', 'preview has another SHA-256', () => put(records[0]!.artifacts['preview']!, 'x')],
    ['another input', 'input has another SHA-256', () => put(`${baseOf(records[0]!)}input.json`, '{}')],
    ['a record that is no JSON', 'record.json is damaged', () => put(`${baseOf(records[0]!)}record.json`, '{"id":')],
    ['a record of another form', 'record.json is damaged', () => strip(['meta'])],
    ['a record without artifacts', 'record.json is damaged', () => strip(['artifacts'])],
    ['a record of nobody', 'record.json is damaged', () => strip(['userId'])],
    ['a record that only has an id', 'record.json is damaged', () => strip(['meta', 'artifacts', 'model', 'provider'])],
    ['a lost line', 'it has no line in the index', () => dropLine(records[0]!.id)],
    ['a line that is there twice', 'it has two lines in the index', () => repeatLine()],
    ['a line of no record', 'its line in the index has no record', () => addLine(newIdentity(NOW).id)],
    ['a line that says something else', 'differs from its record', () => changeLine()],
    ['a line that is cut short', `${INDEX} line 2: it cannot be read`, () => cutLine(1)],
    ['a line that is none of ours', `${INDEX} line 5: it cannot be read`, () => foreignLine()],
    ['a lost event', 'it has no event', () => events.events.delete(eventIdOf(records[0]!.id))],
    ['an event of no record', 'it has no record', () => events.events.set('f'.repeat(24), eventOf(records[0]!))],
    ['an event with another status', 'differs from its record', () => changeEvent({ status: 500 })],
    ['an event with another cost', 'differs from its record', () => changeEvent({ cost: { usd: 1 } })],
    ['an event with a cost nobody knows', 'differs from its record', () => changeEvent({ cost: { usd: null } })],
    ['an event with other tokens', 'differs from its record', () => changeEvent({ tokens: { in: 12, out: 35 } })],
    ['an event of somebody else', 'differs from its record', () => changeEvent({ userId: REQUEST_ID })],
    ['an event with other parameters', 'differs from its record', () => changeEvent({ meta: { params: {} } })],
    ['a picture without a hash', 'image has no SHA-256', () => dropHash('image')],
    ['an input without a hash', 'input has no SHA-256', () => dropHash('input')],
    ['an output without a hash', 'output has no SHA-256', () => dropHash('output')],
    ['a record without hashes', 'preview has no SHA-256', () => changeRecord(({ sha256: _all, ...meta }) => meta)],
    [
      'a failure without hashes',
      'input has no SHA-256',
      () => changeMeta(failure(), ({ sha256: _all, ...meta }) => meta),
    ],
  ];

  it.each(breakages)('finds %s', async (_name, fault, damage) => {
    await damage();
    expect((await verify()).faults.join('\n')).toContain(fault);
  });

  it('finds nothing wrong with requests of which only hashes are kept, failed ones too, nor with a name cut in two', async () => {
    const { history, relay } = openReplica({ store, events, storage: 'hash' });
    const long = { ...producedOf().provenance, model: `${'m'.repeat(119)}🌊` };
    await history.run(requestOf(), async () => producedOf({ provenance: long }));
    await history.run(requestOf(), () => Promise.reject(new Error('failed'))).catch(() => undefined);
    await relay.stop();
    expect(await verify()).toMatchObject({ faults: [], counts: { records: 6, events: 6 } });
  });

  it('finds nothing wrong with an output that a failed request left behind', async () => {
    await put(`${baseOf(failure())}output.json`, '{}');
    expect((await verify()).faults).toEqual([]);
  });

  it('takes what the outbox still holds for pending, until it is too old', async () => {
    await dropLine(records[0]!.id);
    events.events.delete(eventIdOf(records[0]!.id));
    await put(outboxKey(records[0]!.id), '{}');
    expect(await verify()).toMatchObject({ faults: [], counts: { pending: 1 } });
    const { faults } = await verify(new Date(NOW.getTime() + 16 * 60_000));
    expect(faults).toEqual([expect.stringContaining('outbox entry is older')]);
  });

  it('finds no fault with what is settled while it looks', async () => {
    const { history, relay } = openReplica({ store, events });
    const list = store.list.bind(store);
    let late: Promise<unknown> | undefined;
    // Between the reading of the indexes and that of the records, one more request comes to its end.
    store.list = async (prefix, options) => {
      if (prefix === 'requests/') await (late ??= history.run(requestOf(), async () => producedOf()));
      return list(prefix, options);
    };
    const verifying = verify();
    await verifying.finally(() => relay.stop());
    expect((await verifying).faults).toEqual([]);
    expect((await verifying).counts.records).toBe(5);
  });

  it('counts artifacts that the lifecycle rule may have taken as expired', async () => {
    await store.delete(records[0]!.artifacts['image']!);
    const { counts, faults } = await verify(new Date('2027-06-01T00:00:00Z'));
    expect(faults).toEqual([]);
    expect(counts.expired).toBe(1);
  });
});

describe('npm run history:reindex', () => {
  const lost: [string, () => unknown][] = [
    ['all lines', () => store.delete(INDEX)],
    ['one line', () => dropLine(records[1]!.id)],
    ['all events', () => events.events.clear()],
    ['one event', () => events.events.delete(eventIdOf(records[2]!.id))],
  ];

  it.each(lost)('brings back %s', async (_name, lose) => {
    await lose();
    expect(await reindex()).toEqual({ records: 4, removed: 0, past: 0, isIncomplete: false });
    expect((await verify()).faults).toEqual([]);
  });

  it.each([
    ['a line of no record', () => addLine(newIdentity(NOW).id), 1],
    ['a line that stands there twice', () => repeatLine(), 1],
    ['a line that says something else', () => changeLine(), 0],
    ['a line that is cut short', () => cutLine(1), 1],
    ['a line that is none of ours', () => foreignLine(), 1],
    ['an index that is cut short', () => put(INDEX, store.text(INDEX).slice(0, -20)), 1],
  ] as [string, () => unknown, number][])('corrects %s', async (_name, damage, removed) => {
    await damage();
    expect(await reindex()).toMatchObject({ removed });
    expect((await verify()).faults).toEqual([]);
  });

  it('passes over a record of another form, and does what the others need', async () => {
    await strip(['meta', 'provider']);
    await dropLine(records[1]!.id);
    expect(await reindex()).toEqual({ records: 3, removed: 0, past: 0, isIncomplete: false });
    expect(store.text(INDEX)).toContain(records[1]!.id);
  });

  it('changes nothing where nothing is wrong', async () => {
    const before = new Map(store.objects);
    await reindex();
    expect([...store.objects]).toEqual([...before]);
  });

  it('settles what the outbox holds', async () => {
    await put(outboxKey(records[0]!.id), '{}');
    await reindex();
    expect(store.keys('outbox/')).toEqual([]);
  });

  it('says that it could not do all of it while analytics is away', async () => {
    events.refusals = 1;
    expect(await reindex()).toMatchObject({ isIncomplete: true });
  });
});

describe('with EVENTS_TTL_DAYS of 30', () => {
  const LATE = new Date(NOW.getTime() + 30 * 86_400_000 + 1);
  let young: string;
  beforeEach(async () => {
    const { history, relay } = openReplica({ store, events, now: () => LATE });
    young = (await history.run(requestOf(), async () => producedOf())).id;
    await relay.stop();
    for (const { id } of records) events.events.delete(eventIdOf(id));
  });

  it('verify asks for no event that may have been deleted, and says of how many', async () => {
    const { counts, faults } = await verify(LATE, 30);
    expect(faults).toEqual([]);
    expect(counts).toMatchObject({ records: 5, events: 2, past: 4 });
    expect((await verify(LATE)).faults).toHaveLength(3);
  });

  it('verify finds what else is wrong with old records, and the event that a young one lacks', async () => {
    events.events.delete(eventIdOf(young));
    await dropLine(records[0]!.id);
    const { faults } = await verify(LATE, 30);
    expect(faults.toSorted()).toEqual(
      [`${records[0]!.id}: it has no line in the index`, `${young}: it has no event (${eventIdOf(young)})`].toSorted(),
    );
  });

  it('verify allows for clocks that differ by minutes, and not by hours', async () => {
    const early = (minutes: number): Date => new Date(NOW.getTime() + 30 * 86_400_000 - minutes * 60_000);
    expect((await verify(early(4), 30)).counts.past).toBe(4);
    expect((await verify(early(60), 30)).counts.past).toBe(0);
  });

  it('reindex brings back lines and young events, and delivers none that would be deleted again', async () => {
    events.events.delete(eventIdOf(young));
    await dropLine(records[0]!.id);
    await put(outboxKey(records[0]!.id), '{}');
    events.calls.length = 0;
    expect(await reindex(LATE, 30)).toEqual({ records: 5, removed: 0, past: 4, isIncomplete: false });
    expect(events.calls).toEqual([1]);
    expect(store.keys('outbox/')).toEqual([]);
    expect((await verify(LATE, 30)).faults).toEqual([]);
  });
});

async function rewrite(change: (lines: string[]) => string[]): Promise<void> {
  const lines = store.text(INDEX).trimEnd().split('\n');
  await put(
    INDEX,
    change(lines)
      .map((line) => `${line}\n`)
      .join(''),
  );
}

const dropLine = (id: string): Promise<void> => rewrite((lines) => lines.filter((line) => !line.includes(id)));
const repeatLine = (): Promise<void> => rewrite((lines) => [...lines, lines[0]!]);
const changeLine = (): Promise<void> => rewrite(([first = '', ...rest]) => [first.replace('200', '201'), ...rest]);
const addLine = (id: string): Promise<void> => new DayIndex(store).append(recordOf(id));
const cutLine = (at: number): Promise<void> => rewrite((lines) => lines.with(at, lines[at]!.slice(0, 50)));
const foreignLine = (): Promise<void> => rewrite((lines) => [...lines, '{"note":"restored by hand"}']);
const changeEvent = (change: Partial<DeliverableEvent>): void => {
  const id = eventIdOf(records[0]!.id);
  events.events.set(id, { ...events.events.get(id)!, ...change });
};
type MetaChange = (meta: HistoryRecord['meta']) => HistoryRecord['meta'];
const changeMeta = (record: HistoryRecord, change: MetaChange): Promise<boolean> =>
  put(`${baseOf(record)}record.json`, JSON.stringify({ ...record, meta: change(record.meta) }));
const changeRecord = (change: MetaChange): Promise<boolean> => changeMeta(records[0]!, change);
const failure = (): HistoryRecord => {
  const keys = store.keys('requests/').filter((key) => key.endsWith('record.json'));
  return keys.map((key) => JSON.parse(store.text(key)) as HistoryRecord).find(({ status }) => status === 502)!;
};
const dropHash = (name: string): Promise<boolean> =>
  changeRecord(({ sha256, ...meta }) => {
    const left = Object.entries(sha256!).filter(([file]) => file !== name);
    return { ...meta, sha256: Object.fromEntries(left) };
  });
/** Takes fields out of the first record. */
const strip = (fields: string[]): Promise<boolean> => {
  const left = Object.entries(records[0]!).filter(([name]) => !fields.includes(name));
  return put(`${baseOf(records[0]!)}record.json`, JSON.stringify(Object.fromEntries(left)));
};
