import { cp, readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Bucket } from '../../infra/local/s3/bucket.js';
import { keyPath } from '../../infra/local/s3/key-path.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { crashAt } from './s3-crash.js';
import { stateAfter } from './s3-crash-workload.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder('s3-bucket');
});
afterEach(() => folder.remove());

const infoOf = (text: string, tags = {}) => ({
  etag: `etag of ${text.slice(0, 20)}`,
  size: text.length,
  lastModifiedMs: 0,
  contentType: 'text/plain',
  metadata: {},
  tags,
});
const put = (bucket: Bucket, key: string, text: string) => bucket.put(key, Buffer.from(text), infoOf(text), {});

async function textOf(bucket: Bucket, key: string): Promise<string> {
  const { content } = await bucket.open(key);
  if (Buffer.isBuffer(content)) return content.toString();
  try {
    return await content.readFile('utf8');
  } finally {
    await content.close();
  }
}

type Change = { do: 'put'; text: string } | { do: 'delete' } | { do: 'tag' };
type State = Map<string, { text: string; tagged: boolean }>;

async function stateOf(bucket: Bucket): Promise<State> {
  const state: State = new Map();
  for (const key of bucket.keys()) {
    state.set(key, { text: await textOf(bucket, key), tagged: 'tagged' in bucket.get(key).tags });
  }
  return state;
}

const sorted = (state: State) => [...state].toSorted(([a], [b]) => (a < b ? -1 : 1));

/** The files of a bucket that has been closed: nothing but its objects, each with its bytes, and a journal with no bytes. */
async function expectFiles(path: string, state: State): Promise<void> {
  const found = await readdir(path, { recursive: true, withFileTypes: true });
  const files = found
    .filter((entry) => entry.isFile())
    .map((entry) => relative(path, join(entry.parentPath, entry.name)));
  const objects = files.filter((name) => !name.startsWith('.journal'));
  expect(objects.toSorted()).toEqual([...state.keys()].map(keyPath).toSorted());
  for (const [key, { text }] of state) expect(await readFile(join(path, keyPath(key)), 'utf8')).toBe(text);
  const logs = files.filter((name) => name.startsWith('.journal-'));
  expect(logs).toHaveLength(1);
  expect(await readFile(join(path, logs[0] ?? ''), 'utf8')).toBe('');
}

describe('a bucket after a crash', () => {
  it.each([
    ['with a checkpoint after almost every write', 300, 1],
    // Its writes are the same ones; most of its points are in the one checkpoint.
    ['with its first checkpoint on closing', 1_000_000, 3],
  ])(
    'has all that was acknowledged, wherever it died and died again while it was opened, %s',
    async (_name, checkpointBytes, stride) => {
      let deaths = 0;
      for (let dieAt = 0; ; dieAt += stride) {
        const path = join(folder.path, String(dieAt));
        const { acknowledged, survived } = await crashAt(dieAt, path, { checkpointBytes });
        if (dieAt % 2 === 0) await crashAt(dieAt % 23, path, { checkpointBytes, steps: [] });
        const bucket = await Bucket.open(path, checkpointBytes);
        const state = await stateOf(bucket);
        const possible = [acknowledged, acknowledged + 1].map((count) => sorted(stateAfter(count)));
        expect(possible).toContainEqual(sorted(state));
        await bucket.close();
        await expectFiles(path, state);
        if (survived) break;
        deaths += 1;
      }
      expect(deaths).toBeGreaterThan(70 / stride);
    },
  );
});

describe('a bucket', () => {
  const key = fc.constantFrom('a', 'b/1', 'b/2', 'c.d/e');
  const text = fc.oneof(
    fc.string({ maxLength: 40 }),
    fc.constantFrom('x'.repeat(64 * 1024), 'y'.repeat(64 * 1024 + 1), 'z'.repeat(90_000)),
  );
  const change = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('put' as const), text }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const) }) },
    fc.record({ do: fc.constant('tag' as const) }),
  );
  const step = fc.oneof(
    // Changes of different keys at once.
    {
      weight: 6,
      arbitrary: fc.dictionary(key, change, { minKeys: 1 }).map((changes) => ({ do: 'change' as const, changes })),
    },
    fc.constantFrom({ do: 'checkpoint' as const }, { do: 'close' as const }, { do: 'crash' as const }),
  );

  async function apply(bucket: Bucket, model: State, at: string, wanted: Change): Promise<void> {
    const known = model.get(at);
    if (wanted.do === 'put') {
      model.set(at, { text: wanted.text, tagged: false });
      await put(bucket, at, wanted.text);
    } else if (wanted.do === 'delete') {
      model.delete(at);
      await bucket.delete(at);
    } else if (known) {
      model.set(at, { ...known, tagged: true });
      await bucket.setTags(at, { tagged: 'yes' });
    }
  }

  it('is a map, whatever is put, overwritten, tagged and deleted, over checkpoints, ends and crashes', async () => {
    let runs = 0;
    const bytes = fc.constantFrom(1, 400, 100_000, Number.MAX_SAFE_INTEGER);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), bytes, async (steps, checkpointBytes) => {
        let path = join(folder.path, `run-${(runs += 1)}`);
        let bucket = await Bucket.open(path, checkpointBytes);
        const model: State = new Map();
        for (const [at, wanted] of steps.entries()) {
          if (wanted.do === 'change') {
            await Promise.all(Object.entries(wanted.changes).map(([name, one]) => apply(bucket, model, name, one)));
          } else if (wanted.do === 'close') {
            await bucket.close();
            await expectFiles(path, model);
            bucket = await Bucket.open(path, checkpointBytes);
          } else {
            // A copy is what a crash leaves as long as nothing is being written.
            if (wanted.do === 'checkpoint' || checkpointBytes < Number.MAX_SAFE_INTEGER) await bucket.checkpoint();
            const before = bucket;
            if (wanted.do === 'crash') {
              const left = `${path}-${at}`;
              await cp(path, left, { recursive: true });
              bucket = await Bucket.open(left, checkpointBytes);
              path = left;
              await before.close();
            }
          }
          expect(sorted(await stateOf(bucket))).toEqual(sorted(model));
        }
        await bucket.close();
      }),
      { numRuns: 150 },
    );
  });

  it('gives a reader the bytes that were there when it asked, although they are overwritten and placed meanwhile', async () => {
    const bucket = await Bucket.open(join(folder.path, 'read'));
    for (const before of ['small', 'large '.repeat(20_000)]) {
      await put(bucket, 'key', before);
      const { content } = await bucket.open('key');
      await put(bucket, 'key', 'after');
      await bucket.checkpoint();
      expect((Buffer.isBuffer(content) ? content : await content.readFile()).toString()).toBe(before);
      if (!Buffer.isBuffer(content)) await content.close();
      expect(await textOf(bucket, 'key')).toBe('after');
    }
    await bucket.close();
  });

  it('lists its keys in the order of their UTF-8 bytes, whatever is put and deleted between listings', async () => {
    const bytewise = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
    // Around the surrogates UTF-16 and UTF-8 have different orders.
    const letter = fc.constantFrom('a', 'é', '\u{d7ff}', '\u{e000}', '\u{ffff}', '\u{10000}', '\u{10ffff}', '🌊', '🌋');
    const name = fc.string({ unit: fc.oneof(letter, fc.string({ unit: 'binary', minLength: 1, maxLength: 1 })) });
    let runs = 0;
    const changes = fc.array(
      fc.record({ key: name.map((end) => `k${end}`), isPut: fc.boolean(), lists: fc.boolean() }),
    );
    await fc.assert(
      fc.asyncProperty(changes, async (steps) => {
        const bucket = await Bucket.open(join(folder.path, `order-${(runs += 1)}`));
        const known = new Set<string>();
        for (const { key: changed, isPut, lists } of steps) {
          if (isPut) known.add(changed);
          // One that is there, if there is any.
          const deleted = [...known].find((one) => one >= changed) ?? changed;
          if (!isPut) known.delete(deleted);
          await (isPut ? put(bucket, changed, '') : bucket.delete(deleted));
          if (lists) expect(bucket.keys()).toEqual([...known].toSorted(bytewise));
        }
        expect(bucket.keys()).toEqual([...known].toSorted(bytewise));
        await bucket.close();
      }),
    );
  });

  it('loses nothing of many writers while one checkpoint follows the other', async () => {
    const path = join(folder.path, 'many');
    const bucket = await Bucket.open(path, 2_000);
    await Promise.all(
      Array.from({ length: 20 }, async (_, writer) => {
        for (let round = 0; round < 30; round += 1) {
          await put(bucket, `shared/${round % 7}`, `${writer}-${round}`);
          await put(bucket, `own/${writer}`, `${round}`);
          expect(await textOf(bucket, `own/${writer}`)).toBe(`${round}`);
          if (round % 3 === 0) await bucket.delete(`own/${writer}`);
        }
      }),
    );
    const state = await stateOf(bucket);
    await bucket.close();
    await expectFiles(path, state);
    expect([...state].filter(([name]) => name.startsWith('own/')).map(([, { text: last }]) => last)).toEqual(
      Array.from({ length: 20 }, () => '29'),
    );
  });
});
