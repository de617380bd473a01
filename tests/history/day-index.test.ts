import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { DayIndex } from '#shared/history/settling/day-index.js';
import { identityOf, indexKey, newIdentity } from '#shared/history/keys.js';
import type { ObjectStore } from '#shared/history/store/object-store.port.js';
import { openEmbeddedStore, type EmbeddedObjectStore } from './embedded-object-store.js';
import { createLogger } from '#shared/logging/logger.js';
import { NOW, recordOf, USER_ID } from '../support/history-under-test.js';
import { MemoryObjectStore } from '../support/memory-object-store.js';

const KEY = indexKey(USER_ID, 'image', NOW);

const newIds = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => newIdentity(new Date(NOW.getTime() + n)).id);

const newestFirst = (ids: readonly string[]): string[] => ids.toSorted().toReversed();

const idsIn = async (store: ObjectStore): Promise<string[]> => {
  const lines = await new DayIndex(store).read(USER_ID, 'image', NOW);
  return lines.map(({ id }) => id);
};

/** A store where, at the word of `decide`, a conditional write is said to have failed: rightly, or though it was done. */
class ContestedStore extends MemoryObjectStore {
  constructor(private readonly decide: () => 'done' | 'lost' | 'done but denied') {
    super();
  }

  override async put(...[key, bytes, options]: Parameters<ObjectStore['put']>): Promise<boolean> {
    const decision = this.decide();
    if (decision === 'lost') return false;
    const written = await super.put(key, bytes, options);
    return written && decision === 'done';
  }
}

describe('the index of a day', () => {
  let store: MemoryObjectStore;
  beforeEach(() => {
    store = new MemoryObjectStore();
  });

  it('has one line of JSON per request, with where its record is', async () => {
    const [first = '', second = ''] = newIds(2);
    const index = new DayIndex(store);
    await index.append(recordOf(first));
    await index.append(recordOf(second, { status: 502 }));
    const lines = store.text(KEY).split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[2]).toBe('');
    const { createdAt } = recordOf(second);
    const expected = { id: second, record: `${identityOf(second)!.base}record.json`, createdAt, status: 502 };
    expect(JSON.parse(lines[1]!)).toEqual({ ...expected, provider: 'pollinations', model: 'flux' });
  });

  it('has no line twice, however often it is appended', async () => {
    const [id = ''] = newIds(1);
    const index = new DayIndex(store);
    await Promise.all([
      index.append(recordOf(id)),
      index.append(recordOf(id)),
      new DayIndex(store).append(recordOf(id)),
    ]);
    await index.append(recordOf(id));
    expect(await idsIn(store)).toEqual([id]);
  });

  it('keeps users, services and days apart', async () => {
    const index = new DayIndex(store);
    const [id = ''] = newIds(1);
    const tomorrow = newIdentity(new Date('2026-11-25T00:00:00.000Z')).id;
    const other = '9b8f7d52-7c1e-4a53-8a52-6f3f3a0f9e21';
    await index.append(recordOf(id));
    await index.append(recordOf(id, { userId: other }));
    await index.append(recordOf(id, { service: 'chat' }));
    await index.append(recordOf(tomorrow));
    expect(store.keys('users/')).toEqual([
      `users/${USER_ID}/chat/history/2026/11/24.jsonl`,
      `users/${USER_ID}/image/history/2026/11/24.jsonl`,
      `users/${USER_ID}/image/history/2026/11/25.jsonl`,
      `users/${other}/image/history/2026/11/24.jsonl`,
    ]);
  });

  it('reads newest first, and nothing on a day without requests', async () => {
    expect(await idsIn(store)).toEqual([]);
    const ids = newIds(5);
    for (const id of [ids[3]!, ids[0]!, ids[4]!, ids[1]!, ids[2]!]) await new DayIndex(store).append(recordOf(id));
    expect(await idsIn(store)).toEqual(newestFirst(ids));
  });

  it('takes the next line after one that failed', async () => {
    const index = new DayIndex(store);
    const [lost = '', kept = ''] = newIds(2);
    let calls = 0;
    store.isAway = () => (calls += 1) === 1;
    const [first, second] = await Promise.allSettled([index.append(recordOf(lost)), index.append(recordOf(kept))]);
    expect([first.status, second.status]).toEqual(['rejected', 'fulfilled']);
    expect(await idsIn(store)).toEqual([kept]);
  });

  it('refuses a record whose id is none of ours', async () => {
    await expect(new DayIndex(store).append(recordOf('../x'))).rejects.toThrow('id of ours');
    expect(store.keys()).toEqual([]);
  });

  it('keeps every line once, whichever conditional writes fail or are said to', async () => {
    const decisions = fc.infiniteStream(
      fc.constantFrom('done' as const, 'done' as const, 'lost' as const, 'done but denied' as const),
    );
    const property = fc.asyncProperty(decisions, async (decided) => {
      const contested = new ContestedStore(() => decided.next().value);
      const replicas = [new DayIndex(contested), new DayIndex(contested)];
      const ids = newIds(8);
      await Promise.all(ids.map((id, n) => replicas[n % 2]!.append(recordOf(id))));
      expect(await idsIn(contested)).toEqual(newestFirst(ids));
    });
    await fc.assert(property, { seed: 20261124, numRuns: 10 });
  });
});

describe('an index with lines that cannot be read', () => {
  const [first = '', second = '', third = ''] = newIds(3);
  const lineOf = (id: string, change: object = {}): string => {
    const { createdAt, status, provider, model } = recordOf(id);
    return JSON.stringify({
      id,
      record: `${identityOf(id)!.base}record.json`,
      createdAt,
      status,
      provider,
      model,
      ...change,
    });
  };
  let store: MemoryObjectStore;
  beforeEach(() => {
    store = new MemoryObjectStore();
  });
  const hold = (text: string | Uint8Array): Promise<boolean> =>
    store.put(KEY, Buffer.from(text as string), { contentType: 'application/jsonl' });

  it.each([
    ['cut short', lineOf(second).slice(0, 40)],
    ['no JSON', 'secret words'],
    ['no object', 'null'],
    ['a list', '[]'],
    ['without an id', lineOf(second, { id: undefined })],
    ['of an id of others', lineOf(second, { id: '../x' })],
    ['without a time', lineOf(second, { createdAt: undefined })],
    ['of a time that is none', lineOf(second, { createdAt: 'yesterday' })],
    ['of a status that is no number', lineOf(second, { status: '200' })],
    ['without its record', lineOf(second, { record: undefined })],
    ['without a provider', lineOf(second, { provider: 7 })],
    ['without a model', lineOf(second, { model: null })],
  ])('lists the others, and says once where one is that is %s, but not what it says', async (_what, bad) => {
    const said: string[] = [];
    const log = createLogger({ level: 'warn', service: 'test' }, { write: (line) => void said.push(line) });
    await hold(`${lineOf(first)}\n${bad}\n${bad}\n${lineOf(third)}\n`);
    const lines = await new DayIndex(store, log).read(USER_ID, 'image', NOW);
    expect(lines.map(({ id }) => id)).toEqual(newestFirst([first, third]));
    expect(said.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({ level: 'warn', key: KEY, lines: 2 }),
    ]);
    expect(said[0]).not.toContain('secret');
  });

  it('takes further lines, and keeps what it cannot read byte for byte', async () => {
    const bad = Buffer.concat([Buffer.from(`${lineOf(first)}\r\n{"id":`), Buffer.of(0xff, 0x00), Buffer.from('\n\n')]);
    await hold(bad);
    await new DayIndex(store).append(recordOf(second));
    await new DayIndex(store).append(recordOf(second));
    expect(store.objects.get(KEY)?.bytes).toEqual(Buffer.concat([bad, Buffer.from(`${lineOf(second)}\n`)]));
    expect(await idsIn(store)).toEqual(newestFirst([first, second]));
  });

  it.each([
    ['a line that was cut short', lineOf(first).slice(0, -1), [second]],
    ['a last line that has no end', lineOf(first), [second, first]],
  ])('begins a line of its own after %s', async (_what, text, ids) => {
    await hold(text);
    await new DayIndex(store).append(recordOf(second));
    expect(store.text(KEY)).toBe(`${text}\n${lineOf(second)}\n`);
    expect(await idsIn(store)).toEqual(ids);
  });

  it('adds the line of a record whose own cannot be read', async () => {
    await hold(`${lineOf(first).slice(0, -1)}\n`);
    await new DayIndex(store).append(recordOf(first));
    expect(await idsIn(store)).toEqual([first]);
  });

  it('has those lines of any bytes at all that it added itself', async () => {
    const property = fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
      await hold(bytes);
      await new DayIndex(store).append(recordOf(first));
      expect(await idsIn(store)).toEqual([first]);
      expect(store.objects.get(KEY)?.bytes.subarray(0, bytes.length)).toEqual(Buffer.from(bytes));
    });
    await fc.assert(property, { seed: 20261126, numRuns: 200 });
  });
});

describe('the index of a day on the embedded engine', () => {
  let embedded: EmbeddedObjectStore;
  beforeAll(async () => {
    embedded = await openEmbeddedStore();
  });
  afterAll(() => embedded.stop());

  it('keeps every line once when two replicas append side by side', async () => {
    const replicas = [new DayIndex(embedded.store), new DayIndex(embedded.store)];
    const ids = newIds(30);
    await Promise.all(ids.map((id, n) => replicas[n % 2]!.append(recordOf(id))));
    expect(await idsIn(embedded.store)).toEqual(newestFirst(ids));
  });
});
