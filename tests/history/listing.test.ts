import { beforeEach, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { RecordFilter } from '#shared/history/history.port.js';
import { newIdentity } from '#shared/history/keys.js';
import { openReplica, producedOf, recordOf, requestOf, USER_ID } from '../support/history-under-test.js';
import { MemoryObjectStore } from '../support/memory-object-store.js';

const OTHER_USER = '9b8f7d52-7c1e-4a53-8a52-6f3f3a0f9e21';
const HOURS = [
  '2025-12-31T23:59:59.999Z',
  '2026-01-01T00:00:00.000Z',
  '2026-01-01T12:00:00.000Z',
  '2026-01-01T23:59:59.999Z',
  '2026-09-30T08:00:00.000Z',
  '2026-10-02T08:00:00.000Z',
  '2026-10-02T08:00:00.001Z',
];

const MOST_PAGES = 20;

let store: MemoryObjectStore;
let replica: ReturnType<typeof openReplica>;
let newestFirst: string[];
beforeEach(async () => {
  store = new MemoryObjectStore();
  replica = openReplica({ store });
  const ids = HOURS.map((hour) => newIdentity(new Date(hour)).id);
  for (const id of ids) await replica.index.append(recordOf(id));
  newestFirst = ids.toReversed();
});

/** All pages, each begun where the one before ended. */
async function pagesOf(first: number): Promise<string[][]> {
  const pages: string[][] = [];
  let after: string | undefined;
  do {
    const page = await replica.history.list(USER_ID, { first, ...(after !== undefined && { after }) });
    pages.push([...page.ids]);
    if (pages.length > MOST_PAGES) throw new Error('the pages have no end');
    after = page.hasNextPage ? page.ids.at(-1) : undefined;
  } while (after !== undefined);
  return pages;
}

describe('the list of a user’s requests', () => {
  it.each([1, 2, 3, 4, 6, 7, 100])('gives every request once, newest first, in pages of %i', async (first) => {
    const pages = await pagesOf(first);
    expect(pages.flat()).toEqual(newestFirst);
    expect(pages).toHaveLength(Math.ceil(newestFirst.length / first));
    for (const page of pages.slice(0, -1)) expect(page).toHaveLength(first);
  });

  it('says that there is no next page when the page ends with the last request', async () => {
    expect(await replica.history.list(USER_ID, { first: 7 })).toEqual({ ids: newestFirst, hasNextPage: false });
    expect((await replica.history.list(USER_ID, { first: 6 })).hasNextPage).toBe(true);
    const after = newestFirst.at(-1)!;
    expect(await replica.history.list(USER_ID, { first: 7, after })).toEqual({ ids: [], hasNextPage: false });
  });

  it('goes on from a cursor, also when newer requests came meanwhile', async () => {
    const after = newestFirst[1]!;
    await replica.index.append(recordOf(newIdentity(new Date('2026-10-02T09:00:00Z')).id));
    await replica.index.append(recordOf(newIdentity(new Date('2026-11-24T09:00:00Z')).id));
    const { ids } = await replica.history.list(USER_ID, { first: 100, after });
    expect(ids).toEqual(newestFirst.slice(2));
  });

  it('begins at any id, listed or not', async () => {
    const after = newIdentity(new Date('2026-01-01T11:00:00Z')).id;
    const { ids } = await replica.history.list(USER_ID, { first: 100, after });
    expect(ids).toEqual(newestFirst.slice(-2));
  });

  it('goes on within the millisecond of midnight', async () => {
    const midnight = new Date('2026-11-24T00:00:00.000Z');
    const ids = [1, 2, 3].map(() => newIdentity(midnight).id);
    for (const id of ids) await replica.index.append(recordOf(id));
    expect((await pagesOf(1)).flat()).toEqual([...ids.toSorted().toReversed(), ...newestFirst]);
  });

  it('is empty for a user without requests, and shows none of another’s or another service’s', async () => {
    expect(await replica.history.list(OTHER_USER, { first: 5 })).toEqual({ ids: [], hasNextPage: false });
    const chat = openReplica({ store, service: 'chat' });
    expect(await chat.history.list(USER_ID, { first: 5 })).toEqual({ ids: [], hasNextPage: false });
  });

  it.each(['', 'x', `${USER_ID}/`, `../users/${USER_ID}`, USER_ID.toUpperCase()])(
    'is empty for "%s", which is no user’s id',
    async (userId) => {
      expect(await replica.history.list(userId, { first: 5 })).toEqual({ ids: [], hasNextPage: false });
    },
  );

  it.each(['', 'x', '../..', '00000000-0000-4000-8000-000000000000', 'ffffffff-ffff-7000-8000-000000000000'])(
    'refuses the cursor "%s"',
    async (after) => {
      await expect(replica.history.list(USER_ID, { first: 5, after })).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
        issues: [expect.objectContaining({ path: 'after' })],
      });
    },
  );

  it('shows a request once it is settled', async () => {
    const { id } = await replica.history.run(requestOf(), async () => producedOf());
    await replica.relay.stop();
    expect((await replica.history.list(USER_ID, { first: 1 })).ids).toEqual([id]);
  });

  it('shows a request of a day whose index has a line that cannot be read, and settles it', async () => {
    const { id } = await replica.history.run(requestOf(), async () => producedOf());
    await replica.relay.stop();
    const [key = ''] = store.keys(`users/${USER_ID}/image/history/2026/11/`);
    await store.put(key, Buffer.from(`${store.text(key)}{"id":"01`), { contentType: 'application/jsonl' });
    replica = openReplica({ store });
    const next = await replica.history.run(requestOf(), async () => producedOf());
    await replica.relay.stop();
    expect((await replica.history.list(USER_ID, { first: 2 })).ids).toEqual([id, next.id].toSorted().toReversed());
    expect(store.keys('outbox/')).toEqual([]);
  });

  it('pages through whatever days there are', async () => {
    const days = fc.array(fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }), {
      maxLength: 12,
    });
    const property = fc.asyncProperty(days, fc.integer({ min: 1, max: 5 }), async (times, first) => {
      replica = openReplica({ store: new MemoryObjectStore() });
      const ids = times.map((time) => newIdentity(time).id);
      for (const id of ids) await replica.index.append(recordOf(id));
      expect((await pagesOf(first)).flat()).toEqual(ids.toSorted().toReversed());
    });
    await fc.assert(property, { numRuns: 50 });
  });
});

describe('a filtered list of a user’s requests', () => {
  const STATUSES = [200, 502, 200, 504, 200, 200, 502];
  const from = new Date('2026-01-01T12:00:00Z');
  const to = new Date('2026-10-02T08:00:00Z');
  let made: { id: string; at: string; status: number }[];
  beforeEach(async () => {
    store = new MemoryObjectStore();
    replica = openReplica({ store });
    made = HOURS.map((at, n) => ({ id: newIdentity(new Date(at)).id, at, status: STATUSES[n]! })).toReversed();
    for (const { id, status } of made) await replica.index.append(recordOf(id, { status }));
  });

  const cases: [string, RecordFilter, (one: { at: string; status: number }) => boolean][] = [
    ['from a time on', { from }, ({ at }) => new Date(at) >= from],
    ['up to a time', { to }, ({ at }) => new Date(at) <= to],
    ['within a span, both ends included', { from, to }, ({ at }) => new Date(at) >= from && new Date(at) <= to],
    ['of a status', { status: 502 }, ({ status }) => status === 502],
    ['that failed', { failed: true }, ({ status }) => status >= 400],
    ['that did not fail', { failed: false }, ({ status }) => status < 400],
    [
      'of a status within a span',
      { status: 200, from, to },
      ({ at, status }) => status === 200 && new Date(at) >= from && new Date(at) <= to,
    ],
    ['of no filter but nulls', { from: null, to: null, status: null, failed: null }, () => true],
    ['of a status that none has', { status: 418 }, () => false],
  ];

  it.each(cases)('has those %s, in pages of any size', async (_name, filter, belongs) => {
    const expected = made.filter(belongs).map(({ id }) => id);
    for (const first of [1, 2, 3, 100]) {
      const ids: string[] = [];
      let page = await replica.history.list(USER_ID, { first, filter });
      ids.push(...page.ids);
      while (page.hasNextPage) {
        page = await replica.history.list(USER_ID, { first, filter, after: ids.at(-1)! });
        ids.push(...page.ids);
      }
      expect(ids).toEqual(expected);
    }
  });

  it('is refused where the span ends before it begins', async () => {
    const listed = replica.history.list(USER_ID, { first: 5, filter: { from: to, to: from } });
    await expect(listed).rejects.toMatchObject({ issues: [expect.objectContaining({ path: 'filter.from' })] });
  });
});

describe('a signed URL', () => {
  const terms = { contentType: 'text/plain', filename: 'a.txt' };

  it.each([300, 301, 600])('lasts %i seconds when that is asked for', async (expiresInSec) => {
    const url = await replica.history.signedUrl('some/key', { ...terms, expiresInSec });
    expect(new URL(url).searchParams.get('expiresInSec')).toBe(String(expiresInSec));
  });

  it.each([-1, 0, 299, 601, 604_800, Number.POSITIVE_INFINITY, Number.NaN, 300.5])(
    'is refused for %d seconds',
    async (expiresInSec) => {
      const signed = replica.history.signedUrl('some/key', { ...terms, expiresInSec });
      await expect(signed).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
        issues: [expect.objectContaining({ path: 'expiresInSec' })],
      });
    },
  );
});
