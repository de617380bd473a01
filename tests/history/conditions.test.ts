import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ConditionalStore } from '#shared/history/store/conditional-store.js';
import { honoursConditions } from '#shared/history/store/conditions-probe.js';
import { DayIndex } from '#shared/history/settling/day-index.js';
import { newIdentity } from '#shared/history/keys.js';
import type { PutOptions } from '#shared/history/store/object-store.port.js';
import { S3ObjectStore } from '#shared/history/store/s3-object-store.js';
import { createLogger } from '#shared/logging/logger.js';
import { openEmbeddedStore, type EmbeddedObjectStore } from './embedded-object-store.js';
import {
  MemorySink,
  NOW,
  openReplica,
  producedOf,
  recordOf,
  requestOf,
  USER_ID,
} from '../support/history-under-test.js';
import { MemoryObjectStore } from '../support/memory-object-store.js';
import { isConditional, s3Proxy } from './s3-proxy.js';

type Condition = 'create' | 'ifMatch';

/** A store that answers as if some conditions held, whether they do or not. */
class LawlessStore extends MemoryObjectStore {
  constructor(private readonly ignored: readonly Condition[]) {
    super();
  }

  override async put(key: string, bytes: Uint8Array, options: PutOptions): Promise<boolean> {
    const { create, ifMatch, ...rest } = options;
    const kept = {
      ...(create !== undefined && !this.ignored.includes('create') && { create }),
      ...(ifMatch !== undefined && !this.ignored.includes('ifMatch') && { ifMatch }),
    };
    return super.put(key, bytes, { ...rest, ...kept });
  }
}

const BOTH: readonly Condition[] = ['create', 'ifMatch'];
const TIMES = { settleMs: 20, lastsMs: 5_000 };

let lines: string[];
const log = createLogger({ level: 'info', service: 'test' }, { write: (line) => void lines.push(line) });
beforeEach(() => {
  lines = [];
});

describe('the probe of a store', () => {
  let embedded: EmbeddedObjectStore | undefined;
  afterEach(() => embedded?.stop());

  it('finds that the embedded engine honours conditions, and leaves nothing there', async () => {
    embedded = await openEmbeddedStore();
    expect(await honoursConditions(embedded.store)).toBe(true);
    expect(await embedded.store.list('', { limit: 10 })).toEqual([]);
  });

  it.each([[['create']], [['ifMatch']], [BOTH]] as [Condition[]][])('finds that %j is ignored', async (ignored) => {
    const store = new LawlessStore(ignored);
    expect(await honoursConditions(store)).toBe(false);
    expect(store.keys()).toEqual([]);
  });

  it.each([
    [400, 'InvalidArgument'],
    [501, 'NotImplemented'],
  ] as const)(
    'finds that a store that answers %i to conditions has none, and writes by leases there',
    async (...refusal) => {
      embedded = await openEmbeddedStore();
      const proxy = await s3Proxy(embedded.settings.endpoint, (request) => (isConditional(request) ? refusal : null));
      const store = new S3ObjectStore({ ...embedded.settings, endpoint: proxy.endpoint });
      try {
        expect(await honoursConditions(store)).toBe(false);
        const conditional = new ConditionalStore(store, log, TIMES);
        const create = { contentType: 'text/plain', create: true };
        expect(await conditional.put('requests/x', Buffer.from('first'), create)).toBe(true);
        expect(await conditional.put('requests/x', Buffer.from('second'), create)).toBe(false);
      } finally {
        await store.close();
        proxy.close();
      }
    },
  );

  it('does not take a store that is away for one that ignores conditions', async () => {
    const inner = new MemoryObjectStore();
    const store = new ConditionalStore(inner, log, TIMES);
    inner.isAway = () => true;
    await expect(store.probe()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    inner.isAway = () => false;
    expect(await store.probe()).toBe(true);
    expect(lines).toEqual([]);
  });

  it('is made once', async () => {
    const inner = new MemoryObjectStore();
    const store = new ConditionalStore(inner, log, TIMES);
    await Promise.all(
      [1, 2, 3].map((n) => store.put(`requests/${n}`, Buffer.from('x'), { contentType: 'x', create: true })),
    );
    expect(inner.written.filter((key) => key.startsWith('probe/'))).toHaveLength(2);
  });
});

describe('a store that ignores conditions', () => {
  const open = (inner: MemoryObjectStore): ConditionalStore => new ConditionalStore(inner, log, TIMES);

  it('is said to do so', async () => {
    await open(new LawlessStore(BOTH)).probe();
    expect(lines.join('')).toContain('ignores conditional writes');
  });

  it('keeps every line of two replicas that write one index', async () => {
    const inner = new LawlessStore(BOTH);
    const replicas = [new DayIndex(open(inner)), new DayIndex(open(inner))];
    const ids = Array.from({ length: 12 }, (_, n) => newIdentity(new Date(NOW.getTime() + n)).id);
    await Promise.all(ids.map((id, n) => replicas[n % 2]!.append(recordOf(id))));
    const read = await replicas[0]!.read(USER_ID, 'image', NOW);
    expect(read.map(({ id }) => id)).toEqual(ids.toReversed());
    expect(inner.keys('leases/')).toEqual([]);
  });

  it('lets exactly one of two replicas have a key', async () => {
    const inner = new LawlessStore(BOTH);
    const options = { contentType: 'text/plain', create: true };
    const key = `idempotency/${USER_ID}/x.json`;
    const won = await Promise.all(
      Array.from({ length: 6 }, (_, writer) => open(inner).put(key, Buffer.from(String(writer)), options)),
    );
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(inner.text(key)).toBe(String(won.indexOf(true)));
  });

  it('waits no longer than a lease lasts for an owner that died', async () => {
    const inner = new LawlessStore(BOTH);
    const until = new Date(Date.now() + 200).toISOString();
    const lease = Buffer.from(JSON.stringify({ owner: 'dead', until }));
    await inner.put(`leases/users/${USER_ID}.json`, lease, { contentType: 'application/json' });
    await new DayIndex(open(inner)).append(recordOf(newIdentity(NOW).id));
    expect(Date.now()).toBeGreaterThan(Date.parse(until));
    expect(inner.keys('users/')).toHaveLength(1);
  });

  it('has requests, lines and events like any other', async () => {
    const inner = new LawlessStore(BOTH);
    const events = new MemorySink();
    const replicas = [openReplica({ store: open(inner), events }), openReplica({ store: open(inner), events })];
    const records = await Promise.all(
      Array.from({ length: 10 }, (_, n) => replicas[n % 2]!.history.run(requestOf(), async () => producedOf())),
    );
    await Promise.all(replicas.map(({ relay }) => relay.stop()));
    await openReplica({ store: open(inner), events }).relay.sweep();
    const { ids } = await replicas[0]!.history.list(USER_ID, { first: 100 });
    expect(new Set(ids)).toEqual(new Set(records.map(({ id }) => id)));
    expect(ids).toHaveLength(10);
    expect(events.events.size).toBe(10);
  });
});
