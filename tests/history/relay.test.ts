import { beforeEach, describe, expect, it } from '@jest/globals';
import { eventIdOf } from '#shared/events/usage-event.js';
import type { HistoryRecord } from '#shared/history/history.port.js';
import { DayIndex } from '#shared/history/settling/day-index.js';
import { indexKey, newIdentity, outboxKey } from '#shared/history/keys.js';
import { MemorySink, NOW, openReplica, producedOf, requestOf, USER_ID } from '../support/history-under-test.js';
import { MemoryObjectStore } from '../support/memory-object-store.js';

let store: MemoryObjectStore;
let events: MemorySink;
beforeEach(() => {
  store = new MemoryObjectStore();
  events = new MemorySink();
});

const open = (minutesLater = 0) =>
  openReplica({ store, events, now: () => new Date(NOW.getTime() + minutesLater * 60_000) });

/** Requests whose events analytics refused. */
async function runRefused(count: number): Promise<HistoryRecord[]> {
  const { history, relay } = open();
  events.refusals = Number.POSITIVE_INFINITY;
  const records = await Promise.all(
    Array.from({ length: count }, () => history.run(requestOf(), async () => producedOf())),
  );
  await relay.stop();
  events.refusals = 0;
  return records;
}

const putOutbox = (id: string): Promise<boolean> =>
  store.put(outboxKey(id), Buffer.from('{}'), { contentType: 'application/json' });

describe('the relay', () => {
  it('delivers the event of a record with its figures, and not its prompt', async () => {
    const { history, relay } = open();
    const record = await history.run(requestOf(), async () => producedOf());
    await relay.stop();
    const { userId, username, service, provider, model, latencyMs, status, tokens, size, cost } = record;
    const figures = { userId, username, service, provider, model, latencyMs, status, tokens, size, cost };
    expect([...events.events.values()]).toEqual([
      {
        ...figures,
        id: eventIdOf(record.id),
        ts: record.createdAt,
        action: 'generate',
        requestId: record.meta.requestId,
        meta: { params: record.meta.params },
      },
    ]);
    expect(store.keys('outbox/')).toEqual([]);
  });

  it.each([1, 2, 5])('keeps the outbox entry over %i refusals and delivers then', async (refusals) => {
    const [record] = await runRefused(1);
    events.refusals = refusals - 1;
    const { relay } = open();
    for (let sweep = 1; sweep < refusals; sweep += 1) {
      await relay.sweep();
      expect(events.events.size).toBe(0);
      expect(store.keys('outbox/')).toEqual([outboxKey(record!.id)]);
    }
    await relay.sweep();
    expect([...events.events.keys()]).toEqual([eventIdOf(record!.id)]);
    expect(store.keys('outbox/')).toEqual([]);
  });

  it('keeps a refused record for as long as analytics refuses it', async () => {
    await runRefused(1);
    events.refusals = 1;
    await open(60 * 24 * 365).relay.sweep();
    expect(store.keys('outbox/')).toHaveLength(1);
  });

  it('settles all others when analytics finds fault with one', async () => {
    const records = await runRefused(9);
    const faulty = records[4]!;
    events.faulty.add(eventIdOf(faulty.id));
    await open().relay.sweep();
    expect(events.events.size).toBe(records.length - 1);
    expect(store.keys('outbox/')).toEqual([outboxKey(faulty.id)]);
  });

  it('delivers what has gathered in one call, and appends it in one write for each user and day', async () => {
    await runRefused(40);
    for (const key of store.keys('users/')) await store.delete(key);
    store.written.length = 0;
    events.calls.length = 0;
    await open().relay.sweep();
    expect(events.calls).toEqual([40]);
    expect(store.written).toEqual([indexKey(USER_ID, 'image', NOW)]);
    expect((await new DayIndex(store).read(USER_ID, 'image', NOW)).length).toBe(40);
  });

  it('gathers what comes while it is at work', async () => {
    const { history, relay } = open();
    await Promise.all(Array.from({ length: 30 }, () => history.run(requestOf(), async () => producedOf())));
    await relay.stop();
    expect(events.events.size).toBe(30);
    expect(events.calls.length).toBeLessThan(10);
    expect(store.keys('outbox/')).toEqual([]);
  });

  it('keeps an event’s names as short as analytics takes them', async () => {
    const { history, relay } = open();
    const { provenance } = producedOf();
    const produced = producedOf({ provenance: { ...provenance, model: 'm'.repeat(300) } });
    await history.run(requestOf(), async () => produced);
    await relay.stop();
    expect([...events.events.values()].map(({ model }) => model.length)).toEqual([120]);
  });

  it('settles all others when the record of one cannot be read', async () => {
    const damaged = newIdentity(new Date(0));
    await putOutbox(damaged.id);
    await store.put(`${damaged.base}record.json`, Buffer.from('{"id":'), { contentType: 'application/json' });
    const records = await runRefused(2);
    await open().relay.sweep();
    expect(events.events.size).toBe(records.length);
    expect(store.keys('outbox/')).toEqual([outboxKey(damaged.id)]);
  });

  it('leaves a request that may still be under way, and forgets it when it cannot be any more', async () => {
    const { id } = newIdentity(NOW);
    await putOutbox(id);
    await open(15).relay.sweep();
    expect(store.keys('outbox/')).toEqual([outboxKey(id)]);
    await open(15.1).relay.sweep();
    expect(store.keys('outbox/')).toEqual([]);
    expect(events.events.size).toBe(0);
  });

  it('removes what is no entry of ours', async () => {
    await putOutbox('not-an-id');
    await open().relay.sweep();
    expect(store.keys('outbox/')).toEqual([]);
  });

  it('works through an outbox of many pages', async () => {
    for (let n = 0; n < 1001; n += 1) await putOutbox(newIdentity(new Date(NOW.getTime() + n)).id);
    await open(60).relay.sweep();
    expect(store.keys('outbox/')).toEqual([]);
  });

  it('tells when the outbox cannot be listed', async () => {
    store.isAway = (operation) => operation === 'list';
    await expect(open().relay.sweep()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  });

  it('sweeps when it starts, and finishes the entry it is at before it has stopped', async () => {
    const [record] = await runRefused(1);
    const delivering = Promise.withResolvers<void>();
    const { relay } = openReplica({
      store,
      events: {
        deliver: async (delivered) => {
          delivering.resolve();
          await events.deliver(delivered);
        },
      },
    });
    relay.start();
    await delivering.promise;
    await relay.stop();
    expect([...events.events.keys()]).toEqual([eventIdOf(record!.id)]);
    expect(store.keys('outbox/')).toEqual([]);
  });

  it('begins no further entry once it is to stop', async () => {
    await runRefused(3);
    const { relay } = open();
    relay.start();
    await relay.stop();
    expect(events.events.size).toBe(0);
    expect(store.keys('outbox/')).toHaveLength(3);
  });

  it('survives a store that is away while it sweeps and settles', async () => {
    const { history, relay } = open();
    await history.run(requestOf(), async () => producedOf());
    store.isAway = () => true;
    relay.start();
    await relay.stop();
    store.isAway = () => false;
    await open().relay.sweep();
    expect(events.events.size).toBe(1);
  });
});
