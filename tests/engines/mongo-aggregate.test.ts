import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MongoServerError, type Collection, type Document } from 'mongodb';
import { openMongo, type MongoUnderTest } from './mongo-under-test.js';

const SALES: Document[] = [
  { _id: 1, shop: 'a', item: 'x', price: 10, amount: 2, tags: ['red', 'new'], at: new Date('2026-03-28T23:30:00Z') },
  { _id: 2, shop: 'a', item: 'y', price: 20, amount: 1, tags: ['red'], at: new Date('2026-03-29T00:30:00Z') },
  { _id: 3, shop: 'b', item: 'x', price: 10, amount: 5, tags: [], at: new Date('2026-03-29T21:59:59Z') },
  { _id: 4, shop: 'b', item: 'z', price: 2.5, amount: 10, at: new Date('2026-03-29T22:00:00Z') },
  { _id: 5, shop: 'c', item: 'x', price: null, amount: 1, tags: ['new'], at: new Date('2026-10-25T00:30:00Z') },
];

let mongo: MongoUnderTest;
let sales: Collection;
beforeAll(async () => {
  mongo = await openMongo();
  sales = await mongo.collectionOf(SALES);
  await mongo.db.collection('shops').insertMany([
    { _id: 'a', city: 'Lima' },
    { _id: 'b', city: 'Oslo' },
  ] as Document[]);
});
afterAll(() => mongo?.stop());

const run = (...pipeline: Document[]) => sales.aggregate(pipeline).toArray();
/** The value of one expression on one document. */
async function value(expression: unknown, _id = 1): Promise<unknown> {
  const [row] = await run({ $match: { _id } }, { $project: { _id: 0, value: expression } });
  return row?.['value'];
}

describe('$group', () => {
  it('adds up, averages, counts, and finds the least and greatest', async () => {
    const revenue = { $sum: { $multiply: ['$price', '$amount'] } };
    const group = {
      _id: '$shop',
      n: { $sum: 1 },
      revenue,
      mean: { $avg: '$price' },
      min: { $min: '$price' },
      max: { $max: '$price' },
    };
    expect(await run({ $group: group }, { $sort: { _id: 1 } })).toEqual([
      { _id: 'a', n: 2, revenue: 40, mean: 15, min: 10, max: 20 },
      { _id: 'b', n: 2, revenue: 75, mean: 6.25, min: 2.5, max: 10 },
      { _id: 'c', n: 1, revenue: 0, mean: null, min: null, max: null },
    ]);
  });

  it('gathers values in order, each once, the first and the last', async () => {
    const group = {
      _id: null,
      all: { $push: '$item' },
      set: { $addToSet: '$item' },
      first: { $first: '$item' },
      last: { $last: '$item' },
    };
    const [row] = await run({ $sort: { _id: 1 } }, { $group: group });
    expect(row).toMatchObject({ _id: null, all: ['x', 'y', 'x', 'z', 'x'], first: 'x', last: 'x' });
    expect(row?.['set'].toSorted()).toEqual(['x', 'y', 'z']);
  });

  it('groups by several fields, and by what an expression says', async () => {
    const byBoth = await run({ $group: { _id: { shop: '$shop', dear: { $gte: ['$price', 10] } }, n: { $sum: 1 } } });
    expect(byBoth).toHaveLength(4);
    expect(byBoth).toContainEqual({ _id: { shop: 'b', dear: false }, n: 1 });
    const large = { $cond: [{ $gt: ['$amount', 4] }, 'large', 'small'] };
    expect(await run({ $group: { _id: large, n: { $sum: 1 } } }, { $sort: { _id: 1 } })).toEqual([
      { _id: 'large', n: 2 },
      { _id: 'small', n: 3 },
    ]);
  });

  it('adds cents without losing any', async () => {
    const cents = await mongo.collectionOf(Array.from({ length: 10 }, () => ({ usd: 0.1 })));
    const [row] = await cents.aggregate([{ $group: { _id: null, usd: { $sum: '$usd' } } }]).toArray();
    expect(row?.['usd']).toBeCloseTo(1, 12);
  });

  it('of nothing gives nothing', async () => {
    expect(await run({ $match: { shop: 'none' } }, { $group: { _id: null, n: { $sum: 1 } } })).toEqual([]);
  });
});

describe('a stage', () => {
  it.each<[string, Document[], Document[]]>([
    ['$count', [{ $match: { shop: 'b' } }, { $count: 'n' }], [{ n: 2 }]],
    [
      '$sort, $skip and $limit',
      [{ $sort: { amount: -1, _id: 1 } }, { $skip: 1 }, { $limit: 2 }, { $project: { _id: 1 } }],
      [{ _id: 3 }, { _id: 1 }],
    ],
    [
      '$project of a path and an expression',
      [{ $match: { _id: 2 } }, { $project: { _id: 0, item: 1, total: { $multiply: ['$price', 3] } } }],
      [{ item: 'y', total: 60 }],
    ],
    [
      '$addFields and $unset',
      [{ $match: { _id: 4 } }, { $addFields: { 'more.deep': '$item' } }, { $unset: ['at', 'shop', 'price'] }],
      [{ _id: 4, item: 'z', amount: 10, more: { deep: 'z' } }],
    ],
    [
      '$unwind',
      [{ $unwind: '$tags' }, { $sort: { _id: 1, tags: 1 } }, { $project: { tags: 1 } }],
      [
        { _id: 1, tags: 'new' },
        { _id: 1, tags: 'red' },
        { _id: 2, tags: 'red' },
        { _id: 5, tags: 'new' },
      ],
    ],
    [
      '$unwind that keeps what has none',
      [
        { $match: { _id: { $gte: 3 } } },
        { $unwind: { path: '$tags', preserveNullAndEmptyArrays: true } },
        { $sort: { _id: 1 } },
        { $project: { tags: 1 } },
      ],
      [{ _id: 3 }, { _id: 4 }, { _id: 5, tags: 'new' }],
    ],
    [
      '$sortByCount',
      [{ $unwind: '$tags' }, { $group: { _id: '$shop' } }, { $sortByCount: '$_id' }, { $sort: { _id: 1 } }],
      [
        { _id: 'a', count: 1 },
        { _id: 'c', count: 1 },
      ],
    ],
    ['$replaceRoot', [{ $match: { _id: 1 } }, { $replaceRoot: { newRoot: { i: '$item' } } }], [{ i: 'x' }]],
    [
      '$match of an expression',
      [{ $match: { $expr: { $eq: ['$price', { $multiply: ['$amount', 2] }] } } }, { $project: { _id: 1 } }],
      [{ _id: 3 }],
    ],
  ])('%s does what it should', async (_what, pipeline, expected) => {
    expect(await run(...pipeline)).toEqual(expected);
  });

  it('$facet answers several questions at once, also of nothing', async () => {
    const facet = {
      $facet: {
        n: [{ $count: 'n' }],
        shops: [{ $group: { _id: '$shop' } }, { $sort: { _id: 1 } }],
        top: [{ $sort: { amount: -1 } }, { $limit: 1 }, { $project: { amount: 1 } }],
      },
    };
    expect(await run({ $match: { shop: { $ne: 'c' } } }, facet)).toEqual([
      { n: [{ n: 4 }], shops: [{ _id: 'a' }, { _id: 'b' }], top: [{ _id: 4, amount: 10 }] },
    ]);
    // Some engines have a row that says 0 for `$count` of nothing.
    const [nothing] = await run({ $match: { shop: 'none' } }, facet);
    expect(nothing).toMatchObject({ shops: [], top: [] });
    expect(nothing?.['n'][0]?.n ?? 0).toBe(0);
  });

  it('$lookup joins another collection', async () => {
    const lookup = { from: 'shops', localField: 'shop', foreignField: '_id', as: 'of' };
    const rows = await run(
      { $match: { _id: { $in: [1, 5] } } },
      { $lookup: lookup },
      { $sort: { _id: 1 } },
      { $project: { of: 1 } },
    );
    expect(rows).toEqual([
      { _id: 1, of: [{ _id: 'a', city: 'Lima' }] },
      { _id: 5, of: [] },
    ]);
  });

  it('comes out in batches', async () => {
    const many = await mongo.collectionOf(Array.from({ length: 300 }, (_, _id) => ({ _id })));
    const rows = await many.aggregate([{ $sort: { _id: 1 } }], { batchSize: 7 }).toArray();
    expect(rows.map(({ _id }) => _id)).toEqual(Array.from({ length: 300 }, (_, at) => at));
  });

  it.each<[string, Document]>([
    ['a stage', { $what: {} }],
    ['an expression', { $project: { a: { $what: 1 } } }],
    ['an accumulator', { $group: { _id: null, a: { $what: 1 } } }],
  ])('is refused with %s that there is not', async (_what, stage) => {
    await expect(run(stage)).rejects.toBeInstanceOf(MongoServerError);
  });
});

describe('an expression', () => {
  it.each<[string, unknown, unknown]>([
    ['$add of a list', { $add: ['$price', '$amount', 1] }, 13],
    ['$subtract of dates', { $subtract: ['$at', new Date(0)] }, Date.parse('2026-03-28T23:30:00Z')],
    ['$divide and $floor', { $floor: { $divide: ['$price', 4] } }, 2],
    // oxlint-disable-next-line unicorn/no-thenable -- A word of MongoDB's.
    ['$cond', { $cond: { if: { $gte: ['$price', 10] }, then: 'dear', else: 'cheap' } }, 'dear'],
    ['$ifNull', { $ifNull: ['$none', '$item'] }, 'x'],
    // oxlint-disable-next-line unicorn/no-thenable -- A word of MongoDB's.
    ['$switch', { $switch: { branches: [{ case: { $eq: ['$shop', 'a'] }, then: 1 }], default: 2 } }, 1],
    ['$concat', { $concat: ['$shop', '-', '$item'] }, 'a-x'],
    ['$size', { $size: '$tags' }, 2],
    ['$in', { $in: ['new', '$tags'] }, true],
    [
      '$map and $filter',
      {
        $map: {
          input: { $filter: { input: '$tags', cond: { $ne: ['$$this', 'new'] } } },
          as: 't',
          in: { $toUpper: '$$t' },
        },
      },
      ['RED'],
    ],
    ['$year and $hour', { y: { $year: '$at' }, h: { $hour: '$at' } }, { y: 2026, h: 23 }],
    ['$literal', { $literal: '$price' }, '$price'],
  ])('%s says what it should', async (_what, expression, expected) => {
    expect(await value(expression)).toEqual(expected);
  });

  it.each<[string, string, string | undefined, number, string]>([
    ['the day', '%Y-%m-%d', undefined, 1, '2026-03-28'],
    ['the day of a zone', '%Y-%m-%d', 'Europe/Madrid', 1, '2026-03-29'],
    ['the hour before the clocks go forward', '%Y-%m-%dT%H', 'Europe/Madrid', 2, '2026-03-29T01'],
    ['the last second of a short day', '%d %H:%M:%S', 'Europe/Madrid', 3, '29 23:59:59'],
    ['the first second after it', '%d %H:%M:%S', 'Europe/Madrid', 4, '30 00:00:00'],
    ['the hour that comes twice', '%H', 'Europe/Madrid', 5, '02'],
    ['an offset', '%H:%M', '+05:30', 2, '06:00'],
  ])('$dateToString writes %s', async (_what, format, timezone, id, expected) => {
    expect(await value({ $dateToString: { date: '$at', format, ...(timezone && { timezone }) } }, id)).toBe(expected);
  });

  it('reads the parts of a date, also by the clocks of a zone', async () => {
    const partsOf = (date: unknown) => ({
      m: { $month: date },
      d: { $dayOfMonth: date },
      h: { $hour: date },
      w: { $dayOfWeek: date },
      iso: { $isoWeek: date },
      y: { $dayOfYear: date },
    });
    expect(await value(partsOf('$at'))).toEqual({ m: 3, d: 28, h: 23, w: 7, iso: 13, y: 87 });
    const inMadrid = partsOf({ date: '$at', timezone: 'Europe/Madrid' });
    expect(await value(inMadrid)).toEqual({ m: 3, d: 29, h: 0, w: 1, iso: 13, y: 88 });
  });

  it('$dateTrunc goes down to the hour and the month', async () => {
    expect(await value({ $dateTrunc: { date: '$at', unit: 'hour' } })).toEqual(new Date('2026-03-28T23:00:00Z'));
    expect(await value({ $dateTrunc: { date: '$at', unit: 'month' } })).toEqual(new Date('2026-03-01T00:00:00Z'));
  });
});

interface Rollup {
  _id: string;
  n?: number;
  note?: string;
}

const merged = (into: string) =>
  mongo.db
    .collection(into)
    .find({}, { sort: { _id: 1 } })
    .toArray();

describe('$merge', () => {
  it('makes a collection, adds to its documents and brings them up to date', async () => {
    const count = [{ $group: { _id: '$shop', n: { $sum: 1 } } }];
    await run(...count, { $merge: { into: 'rollup' } });
    await mongo.db.collection<Rollup>('rollup').updateOne({ _id: 'a' }, { $set: { n: 0, note: 'kept' } });
    await run(...count, { $merge: { into: 'rollup', on: '_id', whenMatched: 'merge', whenNotMatched: 'insert' } });
    expect(await merged('rollup')).toEqual([
      { _id: 'a', n: 2, note: 'kept' },
      { _id: 'b', n: 2 },
      { _id: 'c', n: 1 },
    ]);
  });

  it('replaces documents whole', async () => {
    await mongo.db.collection<Rollup>('replaced').insertOne({ _id: 'a', note: 'gone' });
    await run({ $group: { _id: '$shop', n: { $sum: 1 } } }, { $merge: { into: 'replaced', whenMatched: 'replace' } });
    expect(await merged('replaced')).toEqual([
      { _id: 'a', n: 2 },
      { _id: 'b', n: 2 },
      { _id: 'c', n: 1 },
    ]);
  });
});
