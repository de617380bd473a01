import { describe, expect, it } from '@jest/globals';
import { eventIdOf } from '#shared/events/usage-event.js';
import type { RecordedRequest } from '#shared/history/history.port.js';
import { MemorySink, NOW, openReplica, producedOf, requestOf } from './history-under-test.js';
import { MemoryObjectStore } from './memory-object-store.js';

const RETRY_ID = '9d3c2b1a-0f4e-4c5d-8a7b-6c5d4e3f2a1b';
const minutesLater = (minutes: number) => (): Date => new Date(NOW.getTime() + minutes * 60_000);
const NEVER = new AbortController().signal;

/** A request whose process ends while the model works: nothing more is heard of it. */
async function dieUnderWay(store: MemoryObjectStore, change: Partial<RecordedRequest> = {}): Promise<string> {
  const id = await new Promise<string>((begun) => {
    const { history } = openReplica({ store });
    void history.run(requestOf(change), async (identity) => {
      begun(identity.id);
      return new Promise(() => undefined);
    });
  });
  while (store.keys('outbox/').length === 0) await new Promise(setImmediate);
  return id;
}

const keyed = (seed: number, requestId: string): Partial<RecordedRequest> => ({
  requestId,
  input: { prompt: 'un faro', seed },
  params: { seed },
  idempotency: { key: 'k', body: { prompt: 'un faro' }, signal: NEVER },
});

describe('a request whose process died while the model worked', () => {
  it.each([
    ['a small input', 'un faro'],
    ['a large input', 'x'.repeat(40_000)],
  ])('with %s is a failure with one event, once it takes longer than any', async (_size, prompt) => {
    const store = new MemoryObjectStore();
    const events = new MemorySink();
    const id = await dieUnderWay(store, { prompt, input: { prompt } });
    const early = openReplica({ store, events, now: minutesLater(14) });
    await early.relay.sweep();
    expect(await early.history.find(id)).toBeNull();
    const replicas = [1, 2].map(() => openReplica({ store, events, now: minutesLater(16) }));
    await Promise.all(replicas.map(({ relay }) => relay.sweep()));
    const { requestId, userId, params } = requestOf();
    expect(await early.history.find(id)).toMatchObject({
      ...{ id, userId, prompt, status: 503, createdAt: NOW.toISOString() },
      meta: { requestId, params, error: 'SERVICE_UNAVAILABLE' },
    });
    expect([...events.events.keys()]).toEqual([eventIdOf(id)]);
    expect(store.keys('outbox/')).toEqual([]);
  });

  it('keeps its own request id and parameters when its key is used again, while others sweep', async () => {
    const store = new MemoryObjectStore();
    const { requestId } = requestOf();
    const died = await dieUnderWay(store, keyed(1, requestId));
    const [asking, sweeping] = [1, 2].map(() => openReplica({ store, now: minutesLater(16) }));
    const [retried] = await Promise.all([
      asking?.history.run(requestOf(keyed(2, RETRY_ID)), async () => producedOf()),
      sweeping?.relay.sweep(),
    ]);
    expect(await asking?.history.find(died)).toMatchObject({ status: 503, meta: { requestId, params: { seed: 1 } } });
    expect(retried).toMatchObject({ status: 200, meta: { requestId: RETRY_ID, params: { seed: 2 } } });
    expect(retried?.id).not.toBe(died);
  });
});

describe('the size of what was answered', () => {
  it('is that of the files of the request, not of copies elsewhere', async () => {
    const { history } = openReplica({ store: new MemoryObjectStore(), service: 'chat' });
    const file = (at: { path: string } | { key: string }, length: number) => ({
      at,
      bytes: Buffer.alloc(length, 1),
      contentType: 'application/json',
    });
    const artifacts = [
      { name: 'output', ...file({ path: 'output.json' }, 70) },
      { name: 'message', ...file({ key: 'sessions/s/messages/m.json' }, 32_000) },
    ];
    const { size } = await history.run(requestOf(), async () => ({ provenance: producedOf().provenance, artifacts }));
    expect(size.outputBytes).toBe(70);
  });
});
