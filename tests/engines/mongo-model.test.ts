import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { Collection, Document } from 'mongodb';
import { openMongo, outcome, type MongoUnderTest } from './mongo-under-test.js';

let mongo: MongoUnderTest;
let plain: Collection;
let indexed: Collection;
beforeAll(async () => {
  mongo = await openMongo();
  [plain, indexed] = [await mongo.collectionOf(), await mongo.collectionOf()];
  await indexed.createIndex({ a: 1, b: 1 });
});
afterAll(() => mongo?.stop());

/** Whole numbers, texts and null in two fields: few values, so that they collide. */
type Value = number | string | null;
interface Row {
  readonly _id: number;
  readonly a?: Value;
  readonly b?: Value;
}
type Field = 'a' | 'b';
type Comparison = '$eq' | '$ne' | '$gt' | '$gte' | '$lt' | '$lte';

const value = fc.constantFrom<Value[]>(-1, 0, 1, 2.5, 3, '', 'a', 'B', 'b', 'é', '𝒳', '\uffff', null);
const field = fc.constantFrom<Field[]>('a', 'b');
const rows = fc
  .array(fc.record({ a: value, b: value }, { requiredKeys: [] }), { maxLength: 20 })
  .map((list) => list.map((row, _id): Row => ({ _id, ...row })));

/** BSON's order of what is here: null and what is missing, numbers, then texts by their UTF-8 bytes. */
function compare(x: Value | undefined, y: Value | undefined): number {
  const rank = (one: Value | undefined) => (one === null || one === undefined ? 0 : typeof one === 'number' ? 1 : 2);
  if (rank(x) !== rank(y)) return rank(x) - rank(y);
  if (typeof x === 'number') return x - Number(y);
  return typeof x === 'string' ? Buffer.compare(Buffer.from(x), Buffer.from(String(y))) : 0;
}

function sameKind(x: Value | undefined, y: Value): boolean {
  return typeof (x ?? null) === typeof y && ((x ?? null) === null) === (y === null);
}

const HOLDS: Record<Comparison, (x: Value | undefined, y: Value) => boolean> = {
  $eq: (x, y) => compare(x, y) === 0,
  $ne: (x, y) => compare(x, y) !== 0,
  $gt: (x, y) => sameKind(x, y) && compare(x, y) > 0,
  $gte: (x, y) => sameKind(x, y) && compare(x, y) >= 0,
  $lt: (x, y) => sameKind(x, y) && compare(x, y) < 0,
  $lte: (x, y) => sameKind(x, y) && compare(x, y) <= 0,
};

interface Condition {
  readonly filter: Document;
  readonly holds: (row: Row) => boolean;
}

const comparison = fc
  .record({ name: field, operator: fc.constantFrom(...(Object.keys(HOLDS) as Comparison[])), operand: value })
  .map(({ name, operator, operand }): Condition => ({
    filter: { [name]: { [operator]: operand } },
    holds: (row) => HOLDS[operator](row[name], operand),
  }));
const membership = fc
  .record({ name: field, list: fc.array(value, { maxLength: 4 }) })
  .map(({ name, list }): Condition => ({
    filter: { [name]: { $in: list } },
    holds: (row) => list.some((one) => compare(row[name], one) === 0),
  }));
const leaf = fc.oneof(comparison, membership);
const condition = fc.oneof(
  leaf,
  fc.tuple(leaf, leaf).map(([x, y]): Condition => ({
    filter: { $and: [x.filter, y.filter] },
    holds: (row) => x.holds(row) && y.holds(row),
  })),
  fc.tuple(leaf, leaf).map(([x, y]): Condition => ({
    filter: { $or: [x.filter, y.filter] },
    holds: (row) => x.holds(row) || y.holds(row),
  })),
  leaf.map((x): Condition => ({ filter: { $nor: [x.filter] }, holds: (row) => !x.holds(row) })),
);

const direction = fc.constantFrom<(1 | -1)[]>(1, -1);

describe('any query', () => {
  it('finds what a plain reading of it says, in the order of its sort, with and without an index', async () => {
    const property = fc.asyncProperty(rows, condition, direction, direction, async (list, { filter, holds }, a, b) => {
      const expected = list
        .filter(holds)
        .toSorted((x, y) => compare(x.a, y.a) * a || compare(x.b, y.b) * b || x['_id'] - y['_id']);
      for (const collection of [plain, indexed]) {
        await collection.deleteMany({});
        if (list.length > 0) await collection.insertMany(list.map((row): Document => ({ ...row })));
        expect(await collection.find(filter).sort({ a, b, _id: 1 }).toArray()).toEqual(expected);
        expect(await collection.countDocuments(filter)).toBe(expected.length);
      }
    });
    await fc.assert(property, { numRuns: 60 });
  });
});

interface Step {
  readonly run: (collection: Collection) => Promise<unknown>;
  readonly model: (rows: Map<number, Record<string, unknown>>) => void;
}

const id = fc.nat({ max: 4 });
const amount = fc.integer({ min: -3, max: 3 });
const key = (_id: number): Document => ({ _id });

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(id, amount).map(([_id, n]): Step => ({
    run: (collection) => collection.insertOne({ _id, n } as Document).catch(() => undefined),
    model: (all) => all.has(_id) || all.set(_id, { _id, n }),
  })),
  fc.tuple(id, amount, fc.boolean()).map(([_id, n, upsert]): Step => ({
    run: (collection) => collection.updateOne(key(_id), { $inc: { n }, $setOnInsert: { made: true } }, { upsert }),
    model: (all) => {
      const row = all.get(_id);
      if (row) all.set(_id, { ...row, n: Number(row['n'] ?? 0) + n });
      else if (upsert) all.set(_id, { _id, n, made: true });
    },
  })),
  fc.tuple(amount, amount).map(([least, m]): Step => ({
    run: (collection) => collection.updateMany({ n: { $gte: least } }, { $set: { m }, $unset: { made: '' } }),
    model: (all) => {
      for (const [_id, { made: _made, ...row }] of all)
        if (Number(row['n'] ?? Number.NaN) >= least) all.set(_id, { ...row, m });
    },
  })),
  fc.tuple(id, amount).map(([_id, n]): Step => ({
    run: (collection) => collection.replaceOne(key(_id), { n }, { upsert: true }),
    model: (all) => all.set(_id, { _id, n }),
  })),
  amount.map((most): Step => ({
    run: (collection) => collection.deleteMany({ n: { $lt: most } }),
    model: (all) => {
      for (const [_id, { n }] of all) if (Number(n) < most) all.delete(_id);
    },
  })),
  id.map((_id): Step => ({
    run: (collection) => collection.findOneAndDelete(key(_id)),
    model: (all) => all.delete(_id),
  })),
);

describe('any sequence of writes', () => {
  it('leaves what the same steps leave in a map', async () => {
    const property = fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 15 }), async (steps) => {
      await plain.deleteMany({});
      const model = new Map<number, Record<string, unknown>>();
      for (const { run, model: apply } of steps) {
        expect(await outcome(run(plain))).toBe('ok');
        apply(model);
      }
      const expected = [...model.values()].toSorted((x, y) => Number(x['_id']) - Number(y['_id']));
      expect(await plain.find().sort({ _id: 1 }).toArray()).toEqual(expected);
    });
    await fc.assert(property, { numRuns: 40 });
  });
});
