import { describe, expect, it } from '@jest/globals';
import { AppError } from '#shared/errors/app-error.js';
import { eventIdOf } from '#shared/events/usage-event.js';
import type { IndexLine } from '#shared/history/settling/day-index.js';
import type { HistoryRecord } from '#shared/history/history.port.js';
import { indexKey, outboxId, outboxKey } from '#shared/history/keys.js';
import { CrashingStore, type Crash } from './crashing-store.js';
import {
  MemorySink,
  NOW,
  openReplica,
  producedOf,
  REQUEST_ID,
  requestOf,
  USER_ID,
} from '../support/history-under-test.js';
import { MemoryObjectStore } from '../support/memory-object-store.js';

const NEVER: Crash = { step: Number.POSITIVE_INFINITY, carriedOut: false };
const INDEX = indexKey(USER_ID, 'image', NOW);
const minutesLater = (minutes: number) => (): Date => new Date(NOW.getTime() + minutes * 60_000);

/** One request that succeeds and one that fails; what is thrown is no matter, the process is about to die. */
async function useHistory(crash: Crash) {
  const inner = new MemoryObjectStore();
  const store = new CrashingStore(inner, crash);
  const events = new MemorySink();
  const { history, relay } = openReplica({ store, events });
  const acknowledged: string[] = [];
  const acknowledge = ({ id }: HistoryRecord): number => acknowledged.push(id);
  await history.run(requestOf(), async () => producedOf()).then(acknowledge, () => undefined);
  await history
    .run(requestOf(), () => Promise.reject(new AppError('UPSTREAM_ERROR', 'It failed.')))
    .catch(() => undefined);
  await relay.stop();
  return { inner, events, acknowledged, steps: store.steps };
}

function recordsOf(store: MemoryObjectStore): HistoryRecord[] {
  const keys = store.keys('requests/').filter((key) => key.endsWith('/record.json'));
  return keys.map((key) => JSON.parse(store.text(key)) as HistoryRecord);
}

function linesOf(store: MemoryObjectStore): IndexLine[] {
  if (!store.objects.has(INDEX)) return [];
  const lines = store.text(INDEX).split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as IndexLine);
}

const inOrder = (list: Iterable<string>): string[] => [...list].toSorted();

/** Everything that came of the committed requests, and nothing of others. */
function expectSettled(store: MemoryObjectStore, events: MemorySink): void {
  const ids = recordsOf(store).map(({ id }) => id);
  expect(inOrder(linesOf(store).map(({ id }) => id))).toEqual(inOrder(ids));
  expect(inOrder(events.events.keys())).toEqual(inOrder(ids.map(eventIdOf)));
}

const { steps: ALL_STEPS } = await useHistory(NEVER);
const crashes = Array.from({ length: ALL_STEPS }, (_, n) => [
  { step: n + 1, carriedOut: false },
  { step: n + 1, carriedOut: true },
]).flat();

describe('a process that never loses its store', () => {
  it('has settled everything by the time it stops', async () => {
    const { inner, events, acknowledged } = await useHistory(NEVER);
    expect(recordsOf(inner).map(({ status }) => status)).toHaveLength(2);
    expect(acknowledged).toHaveLength(1);
    expect(inner.keys('outbox/')).toEqual([]);
    expectSettled(inner, events);
  });
});

describe.each(crashes)('a process that loses its store at step $step (carried out: $carriedOut)', (crash) => {
  it('leaves no record without its input, its artifacts and, until settled, its outbox entry', async () => {
    const { inner, events, acknowledged } = await useHistory(crash);
    const records = recordsOf(inner);
    const ids = records.map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(acknowledged));
    for (const { id, artifacts } of records) {
      const keys = [`requests/2026/11/24/${id}/input.json`, ...Object.values(artifacts)];
      for (const key of keys) expect(inner.objects.has(key)).toBe(true);
      const settled = events.events.has(eventIdOf(id)) && linesOf(inner).some((line) => line.id === id);
      expect(settled || inner.objects.has(outboxKey(id))).toBe(true);
    }
    expect(ids).toEqual(expect.arrayContaining(linesOf(inner).map(({ id }) => id)));
    expect(ids.map(eventIdOf)).toEqual(expect.arrayContaining([...events.events.keys()]));
  });

  it('is finished by the sweep of another: one line and one event per record, and a failure for what was under way', async () => {
    const { inner, events } = await useHistory(crash);
    const committed = recordsOf(inner);
    const known = inner.keys('outbox/').map((key) => outboxId(key));
    await openReplica({ store: inner, events, now: minutesLater(14) }).relay.sweep();
    expectSettled(inner, events);
    expect(recordsOf(inner)).toEqual(committed);
    await openReplica({ store: inner, events, now: minutesLater(16) }).relay.sweep();
    expectSettled(inner, events);
    const after = recordsOf(inner);
    expect(after).toEqual(expect.arrayContaining(committed));
    expect(after.map(({ id }) => id)).toEqual(expect.arrayContaining(known));
    const ids = committed.map(({ id }) => id);
    const closed = after.filter(({ id }) => !ids.includes(id));
    const failure = { status: 503, meta: { error: 'SERVICE_UNAVAILABLE', requestId: REQUEST_ID } };
    expect(closed).toEqual(
      closed.map(() => expect.objectContaining({ ...failure, meta: expect.objectContaining(failure.meta) })),
    );
    expect(inner.keys('outbox/')).toEqual([]);
  });

  it('is finished as well by two others at once', async () => {
    const { inner, events } = await useHistory(crash);
    const replicas = [1, 2].map(() => openReplica({ store: inner, events, now: minutesLater(16) }));
    await Promise.all(replicas.map(({ relay }) => relay.sweep()));
    expectSettled(inner, events);
    expect(inner.keys('outbox/')).toEqual([]);
  });
});
