import { describe, expect, it } from '@jest/globals';
import { eventIdOf } from '#shared/events/usage-event.js';
import { AppError } from '#shared/errors/app-error.js';
import type { HistoryRecord, OutboxEntry, RecordedRequest } from '#shared/history/history.port.js';
import { outboxKey } from '#shared/history/keys.js';
import { MemorySink, NOW, openReplica, producedOf, requestOf } from '../support/history-under-test.js';
import { MemoryObjectStore } from '../support/memory-object-store.js';

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

describe('what a request cost whose process died while a paid model worked', () => {
  const PAID = { asked: { provider: 'openai', model: 'gpt-4o' }, prompt: 'x'.repeat(40), promptStorage: undefined };
  const UNKNOWN = { cost: { usd: null }, tokens: { in: 10, out: 0 }, meta: { tokensEstimated: true } };
  const sweptRecord = async (store: MemoryObjectStore, id: string): Promise<HistoryRecord | null> => {
    const { relay, history } = openReplica({ store, now: minutesLater(16) });
    await relay.sweep();
    return history.find(id);
  };

  it.each([
    ['its prompt is kept', {}],
    ['only the hash of its prompt is kept', { promptStorage: 'hash' }],
    ['its input is large', { input: { text: 'x'.repeat(40_000) } }],
  ] as [string, Partial<RecordedRequest>][])(
    'is unknown to the sweep, and so is its event’s: %s',
    async (_case, more) => {
      const store = new MemoryObjectStore();
      const events = new MemorySink();
      const id = await dieUnderWay(store, { ...PAID, ...more });
      const { relay, history } = openReplica({ store, events, now: minutesLater(16) });
      await relay.sweep();
      expect(await history.find(id)).toMatchObject(UNKNOWN);
      expect(events.events.get(eventIdOf(id))).toMatchObject({ cost: { usd: null }, tokens: { in: 10, out: 0 } });
    },
  );

  it('is unknown to the next request with its key, whether or not the outbox has its entry', async () => {
    for (const hasEntry of [true, false]) {
      const store = new MemoryObjectStore();
      const id = await dieUnderWay(store, { ...keyed(1, RETRY_ID), ...PAID });
      if (!hasEntry) await store.delete(outboxKey(id));
      const { history } = openReplica({ store, now: minutesLater(16) });
      await history.run(requestOf({ ...keyed(1, RETRY_ID), ...PAID }), async () => producedOf());
      expect(await history.find(id)).toMatchObject(UNKNOWN);
    }
  });

  it('is the same to all that close it at once: the sweep, its key, and its stream', async () => {
    const store = new MemoryObjectStore();
    const request = { ...keyed(1, RETRY_ID), ...PAID };
    const id = await dieUnderWay(store, request);
    const { request: about } = JSON.parse(store.text(outboxKey(id))) as OutboxEntry;
    const [sweeping, asking, reading] = [1, 2, 3].map(() => openReplica({ store, now: minutesLater(16) }));
    const [, , closed] = await Promise.all([
      sweeping?.relay.sweep(),
      asking?.history.run(requestOf(request), async () => producedOf()),
      reading?.history.close(id, about!),
    ]);
    expect(closed).toMatchObject(UNKNOWN);
    expect(await asking?.history.find(id)).toEqual(closed);
  });

  it('is unknown as well where its input was not taken while the model was asked', async () => {
    const store = new MemoryObjectStore();
    const put = store.put.bind(store);
    store.put = async (key, ...write) => {
      if (key.endsWith('/input.json')) throw new AppError('SERVICE_UNAVAILABLE', 'away');
      return put(key, ...write);
    };
    let id = '';
    const { history } = openReplica({ store });
    const asked = history.run(requestOf(PAID), async (identity) => {
      id = identity.id;
      return new Promise(() => undefined);
    });
    await expect(asked).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    store.put = put;
    expect(await sweptRecord(store, id)).toMatchObject(UNKNOWN);
  });

  it.each([
    ['is nothing where nobody but the model in our own process may have been asked', { isAlone: true }, 0],
    ['is unknown where others may have been asked after the model in our own process', { isAlone: false }, null],
    ['is unknown where a version before this one did not say whether others may have been asked', {}, null],
    ['is unknown where a provider elsewhere is the only one', { provider: 'openai', isAlone: true }, null],
  ])('%s', async (_case, change, usd) => {
    const store = new MemoryObjectStore();
    const asked = { provider: 'local', model: 'm', ...change } as RecordedRequest['asked'];
    const id = await dieUnderWay(store, { asked, prompt: 'x'.repeat(40) });
    expect(await sweptRecord(store, id)).toMatchObject({ cost: { usd }, tokens: { in: 10, out: 0 } });
  });

  it('is unknown for an entry of a version that kept no count of tokens', async () => {
    const store = new MemoryObjectStore();
    const id = await dieUnderWay(store, PAID);
    const { request, ...entry } = JSON.parse(store.text(outboxKey(id))) as OutboxEntry;
    const { tokensIn: _unknown, ...before } = request!;
    const bytes = Buffer.from(JSON.stringify({ ...entry, request: before }));
    await store.put(outboxKey(id), bytes, { contentType: 'application/json' });
    expect(await sweptRecord(store, id)).toMatchObject({ cost: { usd: null }, meta: { tokensEstimated: true } });
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
