import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MongoClient, type Collection, type Db, type Document } from 'mongodb';
import { startMongo } from '../../infra/local/mongo/start-mongo.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { outcome } from './mongo-under-test.js';

/**
 * Answers in which MongoDB is followed to the letter, and in which other engines that pass the contract differ from it:
 * error codes, `$count` of nothing, days and weeks of `$dateTrunc`, percentiles that are always one of the values.
 */
let db: Db;
let items: Collection;
const releases: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  const folder = await temporaryFolder('mongo-answers');
  releases.push(folder.remove);
  const mongo = await startMongo({ dataDir: folder.path, port: 0 });
  releases.push(() => mongo.close());
  const client = new MongoClient(mongo.url);
  releases.push(() => client.close());
  db = client.db('answers');
  items = db.collection('items');
  await items.insertMany([1, 2, 3, 4].map((n) => ({ n, text: 'x', list: [n], at: new Date('2026-03-29T22:30:00Z') })));
});
afterAll(async () => {
  for (const release of releases.toReversed()) await release();
});

const run = (...pipeline: Document[]) => items.aggregate(pipeline).toArray();

describe('the embedded engine refuses with the code of MongoDB', () => {
  it.each<[string, Document, number]>([
    ['a change of the _id', { $set: { _id: 2 } }, 66],
    ['two changes of one path', { $set: { a: 1 }, $inc: { a: 1 } }, 40],
    ['two changes, one below the other', { $set: { a: 1, 'a.b': 1 } }, 40],
    ['counting up a text', { $inc: { text: 1 } }, 14],
    ['a field of a value', { $set: { 'text.b': 1 } }, 28],
    ['a push onto a text', { $push: { text: 1 } }, 2],
    ['an unknown modifier', { $what: { a: 1 } }, 9],
    ['an empty name in a path', { $set: { 'a..b': 1 } }, 56],
  ])('an update with %s', async (_what, update, code) => {
    expect(await outcome(items.updateOne({}, update))).toBe(code);
  });

  it.each<[string, Document[], number]>([
    ['an unknown stage', [{ $what: {} }], 40_324],
    ['an unknown expression, even over nothing', [{ $match: { n: 99 } }, { $project: { a: { $what: 1 } } }], 168],
    ['an unknown accumulator', [{ $group: { _id: null, a: { $what: 1 } } }], 15_952],
    ['a group without _id', [{ $group: { n: { $sum: 1 } } }], 15_955],
    ['a limit of nothing', [{ $limit: 0 }], 15_958],
    ['two names in a stage', [{ $limit: 1, $skip: 1 }], 40_323],
    ['a division by zero', [{ $group: { _id: { $divide: ['$n', 0] } } }], 2],
    ['an unknown variable', [{ $project: { a: '$$what' } }], 17_276],
    ['a field both in and out', [{ $project: { n: 1, text: 0 } }], 31_254],
    ['$merge before the end', [{ $merge: { into: 'x' } }, { $limit: 1 }], 40_601],
    ['$merge on what is not unique', [{ $merge: { into: 'x', on: 'n' } }], 51_183],
    [
      'a time zone that there is not',
      [{ $project: { a: { $hour: { date: '$at', timezone: 'Here/There' } } } }],
      40_485,
    ],
  ])('a pipeline with %s', async (_what, pipeline, code) => {
    expect(await outcome(run(...pipeline))).toBe(code);
  });

  it.each<[string, Document, number]>([
    ['an unknown command', { whatIsThis: 1 }, 59],
    ['an unknown field', { find: 'items', what: 1 }, 40_415],
    ['a missing field', { insert: 'items' }, 40_414],
    ['a field of another type', { find: 'items', filter: 3 }, 14],
    ['an unknown operator', { find: 'items', filter: { n: { $what: 1 } } }, 2],
    ['$or of nothing', { find: 'items', filter: { $or: [] } }, 2],
    ['a sort that is no direction', { find: 'items', sort: { n: 7 } }, 15_975],
    ['a cursor that there is not', { getMore: 7n, collection: 'items' }, 43],
    ['a collection without a name', { find: '' }, 73],
    ['a collection that is there', { create: 'items' }, 48],
    ['an index that there is not', { dropIndexes: 'items', index: 'what' }, 27],
    ['the index of _id', { dropIndexes: 'items', index: '_id_' }, 72],
    ['another index of the same name', { createIndexes: 'named', indexes: [{ key: { b: 1 }, name: 'n' }] }, 86],
    [
      'the same index with other options',
      { createIndexes: 'named', indexes: [{ key: { a: 1 }, name: 'm', unique: true }] },
      85,
    ],
    [
      'a unique index that is already broken',
      { createIndexes: 'items', indexes: [{ key: { text: 1 }, name: 't', unique: true }] },
      11_000,
    ],
    ['a transaction', { find: 'items', txnNumber: 1, startTransaction: true, autocommit: false }, 20],
  ])('%s', async (_what, command, code) => {
    await db.collection('named').createIndex({ a: 1 }, { name: 'n' });
    expect(await outcome(db.command(command))).toBe(code);
  });

  it('by name what it leaves out on purpose, rather than do half of it', async () => {
    expect(await outcome(run({ $out: 'elsewhere' }))).toBe(238);
    expect(await outcome(run({ $project: { a: { $function: { body: 'x', args: [], lang: 'js' } } } }))).toBe(238);
    expect(await outcome(items.find({}, { collation: { locale: 'es' } }).toArray())).toBe(238);
    expect(await outcome(db.createCollection('capped', { capped: true, size: 1_000 }))).toBe(238);
    expect(await outcome(items.watch().next())).toBe(40_324);
  });
});

describe('the embedded engine answers as MongoDB does', () => {
  it('has no row for $count of nothing, alone and in a $facet', async () => {
    const nothing = [{ $match: { n: 99 } }, { $count: 'n' }];
    expect(await run(...nothing)).toEqual([]);
    expect(await run({ $facet: { total: nothing } })).toEqual([{ total: [] }]);
  });

  it.each([
    [[0.5], [2]],
    [
      [0, 0.25, 0.26, 0.95, 1],
      [1, 1, 2, 4, 4],
    ],
  ])('gives for the percentiles %j the values of the nearest rank', async (p, expected) => {
    const percentile = { $percentile: { input: '$n', p, method: 'approximate' } };
    expect(await run({ $group: { _id: null, p: percentile } })).toEqual([{ _id: null, p: expected }]);
    const list = { $percentile: { input: [4, 3, 2, 1], p, method: 'approximate' } };
    expect(await run({ $limit: 1 }, { $project: { _id: 0, p: list } })).toEqual([{ p: expected }]);
  });

  it.each<[string, Document, string]>([
    ['a day', { unit: 'day' }, '2026-03-29T00:00:00Z'],
    ['a day of a zone', { unit: 'day', timezone: 'Europe/Madrid' }, '2026-03-29T22:00:00Z'],
    ['a week', { unit: 'week' }, '2026-03-29T00:00:00Z'],
    ['a week that starts on Monday', { unit: 'week', startOfWeek: 'monday' }, '2026-03-23T00:00:00Z'],
    ['a month of a zone', { unit: 'month', timezone: 'Asia/Tokyo' }, '2026-02-28T15:00:00Z'],
    ['a quarter', { unit: 'quarter' }, '2026-01-01T00:00:00Z'],
    ['six hours', { unit: 'hour', binSize: 6 }, '2026-03-29T18:00:00Z'],
  ])('goes down to the start of %s', async (_what, how, expected) => {
    const [row] = await run({ $limit: 1 }, { $project: { start: { $dateTrunc: { date: '$at', ...how } } } });
    expect(row?.['start']).toEqual(new Date(expected));
  });

  it('names what it is in the way of', async () => {
    const keyed = db.collection('keyed');
    await keyed.createIndex({ a: 1, b: -1 }, { unique: true });
    await keyed.insertOne({ a: 1, b: 'x' });
    await expect(keyed.insertOne({ a: 1, b: 'x' })).rejects.toMatchObject({
      code: 11_000,
      keyPattern: { a: 1, b: -1 },
      keyValue: { a: 1, b: 'x' },
      message: 'E11000 duplicate key error collection: answers.keyed index: a_1_b_-1 dup key: { a: 1, b: "x" }',
    });
  });

  it('matches by a pattern the same way each time, whatever its flags', async () => {
    for (let time = 0; time < 3; time += 1) expect(await items.countDocuments({ text: /x/g })).toBe(4);
  });

  it('makes no collection for an update that finds nothing', async () => {
    await db.collection('untouched').updateOne({ a: 1 }, { $set: { a: 2 } });
    await db.collection('untouched').findOneAndUpdate({ a: 1 }, { $set: { a: 2 } });
    expect(await db.listCollections({ name: 'untouched' }).toArray()).toEqual([]);
  });

  it('does not run a script', async () => {
    expect(await outcome(items.find({ $where: 'true' }).toArray())).toBe(2);
  });
});
