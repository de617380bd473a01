import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { AppError } from '#shared/errors/app-error.js';
import type { HistoryRecord, Produced, RecordedRequest } from '#shared/history/history.port.js';
import { outboxKey } from '#shared/history/keys.js';
import { openReplica, NOW, producedOf, requestOf, REQUEST_ID, USER_ID } from '../support/history-under-test.js';
import { MemoryObjectStore } from '../support/memory-object-store.js';

let store: MemoryObjectStore;
let replica: ReturnType<typeof openReplica>;
beforeEach(() => {
  store = new MemoryObjectStore();
  replica = openReplica({ store });
});

const run = (request: RecordedRequest = requestOf(), produced: Produced = producedOf()): Promise<HistoryRecord> =>
  replica.history.run(request, async () => produced);

const sha256Of = (key: string): string => createHash('sha256').update(store.objects.get(key)!.bytes).digest('hex');

const recordAt = (base: string): Record<string, unknown> =>
  JSON.parse(store.text(`${base}record.json`)) as Record<string, unknown>;

/** The base and the record of the only request in the store. */
const onlyRecord = (): { base: string; record: Record<string, unknown> } => {
  const keys = store.keys('requests/').filter((key) => key.endsWith('/record.json'));
  expect(keys).toHaveLength(1);
  const base = keys[0]!.slice(0, -'record.json'.length);
  return { base, record: recordAt(base) };
};

/** From now on the store takes everything but inputs. */
function takeNoInput(): void {
  const put = store.put.bind(store);
  store.put = async (key, ...write) => {
    if (!key.endsWith('/input.json')) return put(key, ...write);
    await new Promise(setImmediate);
    throw new AppError('SERVICE_UNAVAILABLE', 'away');
  };
}

describe('the commit protocol', () => {
  it('asks the model, and writes the rest, while the input is written, and the record after all else', async () => {
    const held = Promise.withResolvers<void>();
    const put = store.put.bind(store);
    store.put = async (key, ...write) => {
      if (key.endsWith('/input.json')) await held.promise;
      return put(key, ...write);
    };
    const running = run();
    await new Promise(setImmediate);
    const before = store.written.toSorted();
    held.resolve();
    const { id } = await running;
    const base = `requests/2026/11/24/${id}/`;
    const rest = [`${base}image/original.png`, `${base}image/preview.jpg`, `${base}output.json`, outboxKey(id)];
    expect(before).toEqual(rest.toSorted());
    expect(store.written.slice(4)).toEqual([`${base}input.json`, `${base}record.json`]);
  });

  it.each(['image/original.png', 'image/preview.jpg', 'output.json', 'outbox/'])(
    'does not commit while the write to %s has no answer',
    async (part) => {
      const held = Promise.withResolvers<void>();
      const put = store.put.bind(store);
      store.put = async (key, ...write) => {
        if (key.includes(part)) await held.promise;
        return put(key, ...write);
      };
      const running = run();
      await new Promise(setImmediate);
      expect(store.written).toHaveLength(4);
      expect(store.written.filter((key) => key.endsWith('record.json'))).toEqual([]);
      held.resolve();
      const { id } = await running;
      expect(store.written[5]).toBe(`requests/2026/11/24/${id}/record.json`);
    },
  );

  it.each([
    ['the model answers', async () => producedOf()],
    ['the model fails', async () => Promise.reject(new Error('no answer'))],
    ['the model is still at work', () => new Promise<never>(() => undefined)],
  ])('commits nothing when the input cannot be written: %s', async (_case, produce) => {
    store.isAway = () => true;
    await expect(replica.history.run(requestOf(), produce)).rejects.toThrow();
    expect(store.written).toEqual([]);
  });

  it('gives record.json the fields of the specification, in its order', async () => {
    const returned = await run();
    const { base, record } = onlyRecord();
    expect(Object.entries(record)).toEqual([
      ['id', returned.id],
      ['userId', USER_ID],
      ['username', 'ada@example.com'],
      ['service', 'image'],
      ['provider', 'pollinations'],
      ['model', 'flux'],
      ['prompt', 'un faro en la niebla'],
      ['promptHash', `sha256:${createHash('sha256').update('un faro en la niebla').digest('hex')}`],
      ['status', 200],
      ['latencyMs', expect.any(Number)],
      ['tokens', { in: 12, out: 34 }],
      ['size', { inputBytes: store.objects.get(`${base}input.json`)!.bytes.length, outputBytes: 1000 }],
      ['cost', { usd: 0.0032 }],
      ['createdAt', NOW.toISOString()],
      ['artifacts', { image: `${base}image/original.png`, preview: `${base}image/preview.jpg` }],
      [
        'meta',
        { params: { size: '512x512', seed: 7 }, requestId: REQUEST_ID, action: 'generate', sha256: expect.any(Object) },
      ],
    ]);
    expect(returned).toEqual(record);
    expect(await replica.history.find(returned.id)).toEqual(record);
  });

  it('keeps what was asked and answered as it was given', async () => {
    const { id } = await run();
    const base = `requests/2026/11/24/${id}/`;
    expect(JSON.parse(store.text(`${base}input.json`))).toEqual(requestOf().input);
    expect(JSON.parse(store.text(`${base}output.json`))).toEqual({ finishReason: 'stop' });
    expect([...store.objects.get(`${base}image/original.png`)!.bytes]).toEqual([...Buffer.alloc(900, 1)]);
    expect(store.objects.get(`${base}image/preview.jpg`)!.contentType).toBe('image/jpeg');
    expect(store.objects.get(`${base}record.json`)!.contentType).toBe('application/json');
  });

  it('has the SHA-256 of the input, the output and each artifact', async () => {
    const { id, meta } = await run();
    const base = `requests/2026/11/24/${id}/`;
    expect(meta.sha256).toEqual({
      input: sha256Of(`${base}input.json`),
      output: sha256Of(`${base}output.json`),
      image: sha256Of(`${base}image/original.png`),
      preview: sha256Of(`${base}image/preview.jpg`),
    });
  });

  it('tags artifacts for the lifecycle rule, and nothing else', async () => {
    await run();
    const tagged = [...store.objects].filter(([, { tags }]) => Object.keys(tags).length > 0);
    expect(tagged.map(([key]) => key.split('/').slice(-2).join('/')).toSorted()).toEqual([
      'image/original.png',
      'image/preview.jpg',
    ]);
    for (const [, { tags }] of tagged) expect(tags).toEqual({ class: 'artifact' });
  });

  it('counts the output document where there are no artifacts, in bytes', async () => {
    const { id, size } = await run(requestOf(), producedOf({ artifacts: [], output: { text: 'año 😀' } }));
    const { length } = store.objects.get(`requests/2026/11/24/${id}/output.json`)!.bytes;
    expect(size.outputBytes).toBe(length);
  });

  it('writes no output document where the service has none', async () => {
    const { output: _none, ...produced } = producedOf();
    await run(requestOf(), produced);
    expect(store.keys().filter((key) => key.endsWith('output.json'))).toEqual([]);
  });

  it('puts an artifact under the full key that the service built', async () => {
    const key = 'sessions/s1/messages/1-m1.json';
    const bytes = Buffer.from('{}');
    const artifacts = [{ name: 'message', at: { key }, bytes, contentType: 'application/json' }];
    const record = await run(requestOf(), producedOf({ artifacts }));
    expect(record.artifacts).toEqual({ message: key });
    expect(store.text(key)).toBe('{}');
  });

  it('says that tokens are estimated, that a price is unknown, and what the service adds', async () => {
    const { provenance } = producedOf();
    const tokens = { in: 1, out: 2, estimated: true };
    const produced = producedOf({ provenance: { ...provenance, tokens, costUsd: null }, meta: { sessionId: 's1' } });
    const { meta, tokens: counted, cost } = await run(requestOf(), produced);
    expect(meta).toMatchObject({ tokensEstimated: true, sessionId: 's1' });
    expect({ counted, cost }).toEqual({ counted: { in: 1, out: 2 }, cost: { usd: null } });
  });

  it.each([
    ['what the provider did', new AppError('UPSTREAM_TIMEOUT', 'Too slow.'), 504, 'UPSTREAM_TIMEOUT'],
    ['what the client did', new AppError('RATE_LIMITED', 'Too fast.'), 429, 'RATE_LIMITED'],
    ['a bug of ours', new TypeError('x is not a function'), 500, 'INTERNAL_SERVER_ERROR'],
    ['something that is no error', 'text', 500, 'INTERNAL_SERVER_ERROR'],
  ])('commits a failure by %s with its status and throws it on', async (_name, thrown, status, error) => {
    await expect(replica.history.run(requestOf(), () => Promise.reject(thrown))).rejects.toBe(thrown);
    const { base, record } = onlyRecord();
    expect(record).toMatchObject({ provider: 'local', model: 'asked-model', status, artifacts: {}, cost: { usd: 0 } });
    expect(record['tokens']).toEqual({ in: 0, out: 0 });
    expect(record['size']).toEqual({ inputBytes: store.text(`${base}input.json`).length, outputBytes: 0 });
    const sha256 = { input: sha256Of(`${base}input.json`) };
    expect(record['meta']).toEqual({
      params: requestOf().params,
      requestId: REQUEST_ID,
      action: 'generate',
      error,
      sha256,
    });
    expect(store.keys(base)).toEqual([`${base}input.json`, `${base}record.json`]);
  });

  it('throws the failure on, not the store’s, when it cannot even be recorded', async () => {
    const thrown = new AppError('UPSTREAM_ERROR', 'It failed.');
    const ran = replica.history.run(requestOf(), async () => {
      await new Promise(setImmediate);
      store.isAway = () => true;
      throw thrown;
    });
    await expect(ran).rejects.toBe(thrown);
    expect(store.written.map((key) => key.split('/')[0])).toEqual(['requests', 'outbox']);
  });

  it('takes a write that the client library repeated for its own', async () => {
    const put = store.put.bind(store);
    store.put = async (...write) => {
      await put(...write);
      return put(...write);
    };
    const record = await run();
    expect(onlyRecord().record).toEqual(record);
  });

  it.each([
    ['image/original.png', 1],
    ['output.json', 1],
    // When the request begins, and again when it is answered.
    ['outbox/', 2],
  ])('commits a failure, with what was paid for, when the store does not take %s for a while', async (part, times) => {
    const put = store.put.bind(store);
    let refusals = times;
    store.put = async (key, ...write) => {
      if (key.includes(part) && (refusals -= 1) >= 0) throw new AppError('SERVICE_UNAVAILABLE', 'away');
      return put(key, ...write);
    };
    await expect(run()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    const { record } = onlyRecord();
    expect(record).toMatchObject({
      status: 503,
      provider: 'pollinations',
      model: 'flux',
      tokens: { in: 12, out: 34 },
      cost: { usd: 0.0032 },
      artifacts: {},
      meta: { error: 'SERVICE_UNAVAILABLE' },
    });
    await replica.relay.stop();
    expect(store.keys('outbox/')).toEqual([]);
  });

  it('needs no outbox entry before it commits', async () => {
    const put = store.put.bind(store);
    let refusals = 1;
    store.put = async (key, ...write) => {
      if (key.startsWith('outbox/') && (refusals -= 1) >= 0) throw new AppError('SERVICE_UNAVAILABLE', 'away');
      return put(key, ...write);
    };
    expect(await run()).toMatchObject({ status: 200 });
    expect(refusals).toBeLessThan(0);
  });

  it('commits nothing, not even a failure, when only the input is not taken', async () => {
    takeNoInput();
    await expect(run()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(store.keys('requests/').length).toBeGreaterThan(0);
    expect(store.keys().filter((key) => key.endsWith('record.json'))).toEqual([]);
  });

  it('leaves no outbox entry of a large input that was not taken: nobody could close that request', async () => {
    takeNoInput();
    const input = { prompt: 'x'.repeat(40_000) };
    const ran = replica.history.run(requestOf({ input }), async () => producedOf());
    await expect(ran).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    await new Promise(setImmediate);
    expect(store.keys('outbox/')).toEqual([]);
  });

  it('commits no success when the store refuses a creation that never came about', async () => {
    const put = store.put.bind(store);
    store.put = async (key, bytes, options) => (key.endsWith('.png') ? false : put(key, bytes, options));
    await expect(run()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(onlyRecord().record).toMatchObject({ status: 503 });
  });

  it('finds nothing under an id that is none, or that nothing was committed under', async () => {
    expect(await replica.history.find('../../etc/passwd')).toBeNull();
    expect(await replica.history.find('019ab3c0-0000-7000-8000-000000000000')).toBeNull();
  });
});
