import { describe, expect, it } from '@jest/globals';
import type { RecordIdentity, RecordedRequest, RequestUnderWay } from '#shared/history/history.port.js';
import { MemoryObjectStore } from '../support/memory-object-store.js';
import { MemorySink, openReplica, producedOf, requestOf } from '../support/history-under-test.js';

type Storage = 'plain' | 'hash';

/** A request that is under way in one process, as others know of it, on a store that all share. */
async function begunRequest(storage: Storage, change: Partial<RecordedRequest> = {}) {
  const shared = { store: new MemoryObjectStore(), events: new MemorySink(), storage };
  const { history } = openReplica(shared);
  const hung = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<{ identity: RecordIdentity; underWay: RequestUnderWay }>();
  const running = history.run(requestOf(change), async (identity, underWay) => {
    begun.resolve({ identity, underWay: await underWay() });
    await hung.promise;
    return producedOf();
  });
  const { identity, underWay } = await begun.promise;
  // As it comes out of a stream's head.
  const known = JSON.parse(JSON.stringify(underWay)) as RequestUnderWay;
  return { ...shared, id: identity.id, known, running, wake: hung.resolve };
}

async function settled({ relay }: ReturnType<typeof openReplica>): Promise<void> {
  await relay.sweep();
  await relay.stop();
}

describe('a request that others close', () => {
  it.each<Storage>(['plain', 'hash'])('has one failed record and one event, %s', async (storage) => {
    const { id, known, store, events } = await begunRequest(storage);
    const others = Array.from({ length: 5 }, () => openReplica({ store, events, storage }));
    const records = await Promise.all(others.map(({ history }) => history.close(id, known)));
    for (const record of records) expect(record).toEqual(records[0]);
    expect(records[0]).toMatchObject({
      id,
      status: 503,
      provider: 'local',
      model: 'asked-model',
      meta: { error: 'SERVICE_UNAVAILABLE', action: 'generate', params: { size: '512x512', seed: 7 } },
    });
    await Promise.all(others.map(settled));
    expect([...events.events.values()]).toHaveLength(1);
  });

  it('has in it no word of what was asked, where no words are kept, and the hash of the prompt', async () => {
    const { id, known, store, events } = await begunRequest('hash');
    expect(JSON.stringify(known)).not.toContain('faro');
    const record = await openReplica({ store, events, storage: 'hash' }).history.close(id, known);
    expect(JSON.stringify(record)).not.toContain('faro');
    expect(record).toMatchObject({ prompt: known.promptHash, promptHash: known.promptHash });
    expect(record?.meta['promptStorage']).toBe('hash');
  });

  it('stays closed when its process comes back to life', async () => {
    const { id, known, store, events, running, wake } = await begunRequest('plain');
    const other = openReplica({ store, events });
    const closed = await other.history.close(id, known);
    wake();
    await expect(running).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(await other.history.find(id)).toEqual(closed);
    await settled(other);
    expect([...events.events.values()]).toMatchObject([{ status: 503 }]);
  });

  it.each<Storage>(['plain', 'hash'])(
    'has its input when its process died before that was written, %s',
    async (storage) => {
      const { id, known, store, events } = await begunRequest(storage);
      const [key] = store.keys('requests/');
      const input = store.text(key!);
      await store.delete(key!);
      const record = await openReplica({ store, events, storage }).history.close(id, known);
      expect(record).toMatchObject({ id, status: 503, size: { inputBytes: input.length } });
      expect(store.text(key!)).toBe(input);
    },
  );

  it('is told of without its input where that is large, once it is stored', async () => {
    const large = { prompt: 'un faro', text: 'x'.repeat(20_000) };
    const { id, known, store, events } = await begunRequest('plain', { input: large });
    expect(JSON.stringify(known).length).toBeLessThan(2_000);
    const [key] = store.keys('requests/');
    expect(JSON.parse(store.text(key!))).toEqual(large);
    const record = await openReplica({ store, events }).history.close(id, known);
    expect(record).toMatchObject({ status: 503, size: { inputBytes: store.text(key!).length } });
  });

  it('keeps the record that it has', async () => {
    const { id, known, store, events, running, wake } = await begunRequest('plain');
    wake();
    const record = await running;
    expect(await openReplica({ store, events }).history.close(id, known)).toEqual(record);
  });
});
