import { beforeEach, describe, expect, it } from '@jest/globals';
import { AppError } from '#shared/errors/app-error.js';
import type { HistoryRecord, Produced, RecordedRequest } from '#shared/history/history.port.js';
import { CLAIMS_PREFIX } from '#shared/history/keys.js';
import {
  MemorySink,
  NOW,
  openReplica,
  producedOf,
  requestOf,
  TAKE_OVER_AFTER_MS,
} from '../support/history-under-test.js';
import { MemoryObjectStore } from '../support/memory-object-store.js';

const OTHER_USER = '9b8f7d52-7c1e-4a53-8a52-6f3f3a0f9e21';

let store: MemoryObjectStore;
let clock: Date;
beforeEach(() => {
  store = new MemoryObjectStore();
  clock = NOW;
});

const openAnother = () => openReplica({ store, now: () => clock });

interface Keyed {
  readonly key?: string;
  readonly body?: object;
  readonly signal?: AbortSignal;
  readonly change?: Partial<RecordedRequest>;
}

function keyed({ key = 'key-1', body = { prompt: 'a' }, signal, change }: Keyed = {}): RecordedRequest {
  return requestOf({ ...change, idempotency: { key, body, signal: signal ?? new AbortController().signal } });
}

const recordsIn = (): HistoryRecord[] =>
  store
    .keys('requests/')
    .filter((key) => key.endsWith('/record.json'))
    .map((key) => JSON.parse(store.text(key)) as HistoryRecord);

/** A model that answers when it is told to, and says how often and that it was asked. */
function heldModel() {
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<Produced>();
  const model = {
    calls: 0,
    asked: asked.promise,
    ...answer,
    produce: (): Promise<Produced> => {
      model.calls += 1;
      asked.resolve();
      return answer.promise;
    },
  };
  return model;
}

describe('a request with an idempotency key', () => {
  it('is answered by the same record when it is repeated, on any replica, and asks the model once', async () => {
    let calls = 0;
    const produce = async (): Promise<Produced> => {
      calls += 1;
      return producedOf();
    };
    const first = await openAnother().history.run(keyed(), produce);
    const again = await openAnother().history.run(keyed(), produce);
    expect(again).toEqual(first);
    expect(calls).toBe(1);
    expect(recordsIn()).toHaveLength(1);
  });

  it('is the same whatever the order of its fields, and whether they are null or absent', async () => {
    const { history } = openAnother();
    const first = await history.run(keyed({ body: { prompt: 'a', size: 'b', seed: null } }), async () => producedOf());
    const again = await history.run(keyed({ body: { size: 'b', prompt: 'a' } }), async () => producedOf());
    expect(again.id).toBe(first.id);
  });

  it('waits for the same request that is under way elsewhere', async () => {
    const model = heldModel();
    const running = openAnother().history.run(keyed(), model.produce);
    await model.asked;
    const others = [openAnother(), openAnother()].map(({ history }) => history.run(keyed(), model.produce));
    model.resolve(producedOf());
    const records = await Promise.all([running, ...others]);
    expect(new Set(records.map(({ id }) => id)).size).toBe(1);
    expect(model.calls).toBe(1);
  });

  it('asks the model once when many come at the same time', async () => {
    let calls = 0;
    const runs = Array.from({ length: 10 }, () =>
      openAnother().history.run(keyed(), async () => {
        calls += 1;
        return producedOf();
      }),
    );
    const ids = (await Promise.all(runs)).map(({ id }) => id);
    expect(new Set(ids).size).toBe(1);
    expect(calls).toBe(1);
  });

  it.each([
    ['another body', keyed({ body: { prompt: 'b' } })],
    ['a body with more in it', keyed({ body: { prompt: 'a', style: 'oil' } })],
  ])('is refused with %s', async (_name, request) => {
    const { history } = openAnother();
    await history.run(keyed(), async () => producedOf());
    const refused = history.run(request, () => Promise.reject(new Error('not to be asked')));
    await expect(refused).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
    expect(recordsIn()).toHaveLength(1);
  });

  it('is another request for another key, and for another user with the same key', async () => {
    const { history } = openAnother();
    await history.run(keyed(), async () => producedOf());
    await history.run(keyed({ key: 'key-2' }), async () => producedOf());
    await history.run(keyed({ change: { userId: OTHER_USER } }), async () => producedOf());
    expect(recordsIn()).toHaveLength(3);
    expect(store.keys(CLAIMS_PREFIX)).toHaveLength(3);
  });

  it('keeps neither key nor body in the claim', async () => {
    await openAnother().history.run(keyed({ key: 'a-secret-key', body: { prompt: 'a-secret-prompt' } }), async () =>
      producedOf(),
    );
    const [claim = ''] = store.keys(CLAIMS_PREFIX);
    expect(claim + store.text(claim)).not.toMatch(/secret/);
  });
});

describe('a request with an idempotency key whose request failed', () => {
  it('is begun anew, and answered by that from then on', async () => {
    const { history } = openAnother();
    const failing = history.run(keyed(), () => Promise.reject(new AppError('UPSTREAM_ERROR', 'It failed.')));
    await expect(failing).rejects.toMatchObject({ code: 'UPSTREAM_ERROR' });
    const second = await history.run(keyed(), async () => producedOf());
    const third = await history.run(keyed(), () => Promise.reject(new Error('not to be asked')));
    expect(third.id).toBe(second.id);
    // Both may be of the same millisecond, and then have no order.
    expect(
      recordsIn()
        .map(({ status }) => status)
        .toSorted((a, b) => a - b),
    ).toEqual([200, 502]);
  });

  it('fails alike where it waited for it, without another call', async () => {
    const model = heldModel();
    const running = openAnother().history.run(keyed(), model.produce);
    await model.asked;
    let looked = 0;
    const get = store.get.bind(store);
    // The failure comes once the other has looked for an outcome in vain.
    store.get = async (key) => {
      const found = await get(key);
      if (key.endsWith('record.json') && !found && (looked += 1) === 1) {
        model.reject(new AppError('UPSTREAM_TIMEOUT', 'Too slow.'));
      }
      return found;
    };
    const waiting = openAnother().history.run(keyed(), model.produce);
    await expect(running).rejects.toMatchObject({ code: 'UPSTREAM_TIMEOUT' });
    await expect(waiting).rejects.toMatchObject({ code: 'UPSTREAM_TIMEOUT' });
    expect(model.calls).toBe(1);
  });

  it('is still refused with another body', async () => {
    const { history } = openAnother();
    await history
      .run(keyed(), () => Promise.reject(new AppError('UPSTREAM_ERROR', 'It failed.')))
      .catch(() => undefined);
    const refused = history.run(keyed({ body: { prompt: 'b' } }), async () => producedOf());
    await expect(refused).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
  });
});

describe('a request with an idempotency key whose request died', () => {
  it('is waited for until the client leaves', async () => {
    const model = heldModel();
    void openAnother().history.run(keyed(), model.produce);
    await model.asked;
    const client = new AbortController();
    const waiting = openAnother().history.run(keyed({ signal: client.signal }), model.produce);
    client.abort(new Error('the client left'));
    await expect(waiting).rejects.toBeInstanceOf(AppError);
    expect(model.calls).toBe(1);
    model.resolve(producedOf());
  });

  it('is taken over after the stated time, and the dead one is recorded as failed', async () => {
    const model = heldModel();
    void openAnother().history.run(keyed(), model.produce);
    await model.asked;
    clock = new Date(NOW.getTime() + TAKE_OVER_AFTER_MS);
    const taken = await openAnother().history.run(keyed(), async () => producedOf());
    expect(recordsIn().map(({ status }) => status)).toEqual([503, 200]);
    expect((await openAnother().history.run(keyed(), model.produce)).id).toBe(taken.id);
  });

  it('is run anew for those who were waiting for the dead one: for one of them, and its outcome is that of all', async () => {
    const model = heldModel();
    void openAnother()
      .history.run(keyed(), model.produce)
      .catch(() => undefined);
    await model.asked;
    let calls = 0;
    const waiting = [1, 2, 3].map(() =>
      openAnother().history.run(keyed(), async () => {
        calls += 1;
        return producedOf();
      }),
    );
    // They have found it alive, and go on to look.
    await new Promise((resolve) => setTimeout(resolve, 20));
    clock = new Date(NOW.getTime() + TAKE_OVER_AFTER_MS);
    const answered = await Promise.all(waiting);
    expect(new Set(answered.map(({ id, status }) => `${id} ${status}`)).size).toBe(1);
    expect(answered[0]?.status).toBe(200);
    expect(calls).toBe(1);
  });

  it('is not answered by the one that was taken for dead, when it comes to an end after all', async () => {
    const model = heldModel();
    const late = openAnother().history.run(keyed(), model.produce);
    await model.asked;
    clock = new Date(NOW.getTime() + TAKE_OVER_AFTER_MS);
    const taken = await openAnother().history.run(keyed(), async () => producedOf());
    model.resolve(producedOf());
    await expect(late).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(recordsIn().filter(({ status }) => status === 200)).toEqual([taken]);
  });

  it('has one event for each record, the dead one’s included', async () => {
    const events = new MemorySink();
    const open = () => openReplica({ store, events, now: () => clock });
    const model = heldModel();
    void open().history.run(keyed(), model.produce);
    await model.asked;
    clock = new Date(NOW.getTime() + TAKE_OVER_AFTER_MS);
    const { history, relay } = open();
    await history.run(keyed(), async () => producedOf());
    await relay.stop();
    expect(new Set([...events.events.values()].map(({ status }) => status))).toEqual(new Set([200, 503]));
    expect(store.keys('outbox/')).toEqual([]);
  });

  it('has an outcome at once where its own process could record none', async () => {
    const { history } = openAnother();
    const failing = history.run(keyed(), async () => {
      let refused = 0;
      await new Promise(setImmediate);
      // The store is away just long enough for neither the answer nor the failure to be recorded.
      store.isAway = (operation) => operation === 'put' && (refused += 1) <= 4;
      return producedOf();
    });
    await expect(failing).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(recordsIn().map(({ status }) => status)).toEqual([503]);
    expect((await history.run(keyed(), async () => producedOf())).status).toBe(200);
  });
});
