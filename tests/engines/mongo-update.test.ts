import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MongoServerError, ObjectId, type Document, type UpdateFilter } from 'mongodb';
import { openMongo, type MongoUnderTest } from './mongo-under-test.js';

let mongo: MongoUnderTest;
beforeAll(async () => {
  mongo = await openMongo();
});
afterAll(() => mongo?.stop());

/** What an update of its own collection's one document leaves of it. */
async function updated(
  before: Document,
  update: UpdateFilter<Document> | Document[],
  filter: Document = {},
  options = {},
): Promise<Document> {
  const collection = await mongo.collectionOf([{ _id: 1, ...before }]);
  await collection.updateOne(filter, update, options);
  const { _id, ...after }: Document = (await collection.findOne()) ?? {};
  return after;
}

describe('an update', () => {
  it.each<[string, Document, Document, Document]>([
    ['$set', { a: 1 }, { $set: { a: 2, 'b.c': 3 } }, { a: 2, b: { c: 3 } }],
    ['$set of an element', { a: [1, 2] }, { $set: { 'a.1': 5 } }, { a: [1, 5] }],
    ['$set past the end of a list', { a: [1] }, { $set: { 'a.3': 4 } }, { a: [1, null, null, 4] }],
    ['$unset', { a: 1, b: { c: 1, d: 2 } }, { $unset: { a: '', 'b.c': '', none: '' } }, { b: { d: 2 } }],
    ['$inc', { a: 1 }, { $inc: { a: 2.5, b: -1 } }, { a: 3.5, b: -1 }],
    ['$mul', { a: 3 }, { $mul: { a: 2, b: 5 } }, { a: 6, b: 0 }],
    ['$min and $max', { a: 3, b: 3 }, { $min: { a: 1 }, $max: { b: 7 } }, { a: 1, b: 7 }],
    ['$rename', { a: 1, b: 2 }, { $rename: { a: 'c' } }, { b: 2, c: 1 }],
    ['$push', { a: [1] }, { $push: { a: 2, b: 'first' } }, { a: [1, 2], b: ['first'] }],
    [
      '$push of several, in order, cut',
      { a: [5] },
      { $push: { a: { $each: [1, 9], $sort: -1, $slice: 2 } } },
      { a: [9, 5] },
    ],
    ['$push at a place', { a: [1, 4] }, { $push: { a: { $each: [2, 3], $position: 1 } } }, { a: [1, 2, 3, 4] }],
    ['$addToSet', { a: [1] }, { $addToSet: { a: { $each: [1, 2, 2] } } }, { a: [1, 2] }],
    ['$pull of a value', { a: [1, 2, 1] }, { $pull: { a: 1 } }, { a: [2] }],
    ['$pull by a condition', { a: [{ k: 1 }, { k: 5 }] }, { $pull: { a: { k: { $gt: 2 } } } }, { a: [{ k: 1 }] }],
    ['$pullAll', { a: [1, 2, 3] }, { $pullAll: { a: [1, 3] } }, { a: [2] }],
    ['$pop of the first and the last', { a: [1, 2], b: [1, 2] }, { $pop: { a: -1, b: 1 } }, { a: [2], b: [1] }],
    ['$bit', { a: 6 }, { $bit: { a: { and: 3 } } }, { a: 2 }],
    ['$setOnInsert, which does nothing here', { a: 1 }, { $setOnInsert: { b: 1 }, $set: { a: 2 } }, { a: 2 }],
    ['every element', { a: [1, 2] }, { $inc: { 'a.$[]': 10 } }, { a: [11, 12] }],
  ])('does %s', async (_what, before, update, after) => {
    expect(await updated(before, update)).toEqual(after);
  });

  it('reaches the element that the filter matched, and those that a filter of its own does', async () => {
    const rows = [
      { k: 1, n: 0 },
      { k: 2, n: 0 },
    ];
    expect(await updated({ rows }, { $set: { 'rows.$.n': 9 } }, { 'rows.k': 2 })).toEqual({
      rows: [
        { k: 1, n: 0 },
        { k: 2, n: 9 },
      ],
    });
    const arrayFilters = [{ 'row.k': { $lt: 2 } }];
    expect(await updated({ rows }, { $inc: { 'rows.$[row].n': 1 } }, {}, { arrayFilters })).toEqual({
      rows: [
        { k: 1, n: 1 },
        { k: 2, n: 0 },
      ],
    });
  });

  it('may be a pipeline', async () => {
    const pipeline = [{ $set: { sum: { $add: ['$a', '$b'] } } }, { $unset: 'a' }];
    expect(await updated({ a: 1, b: 2 }, pipeline)).toEqual({ b: 2, sum: 3 });
  });

  it('sets the time', async () => {
    const after = await updated({}, { $currentDate: { at: true } });
    expect(Math.abs(Date.now() - after['at'].getTime())).toBeLessThan(3_600_000);
  });

  it('changes one, or all that match, and counts what it found and what it changed', async () => {
    const collection = await mongo.collectionOf([{ a: 1 }, { a: 1 }, { a: 2 }]);
    expect(await collection.updateOne({ a: 1 }, { $set: { b: 1 } })).toMatchObject({
      matchedCount: 1,
      modifiedCount: 1,
    });
    expect(await collection.updateMany({ a: 1 }, { $set: { b: 1 } })).toMatchObject({
      matchedCount: 2,
      modifiedCount: 1,
    });
    expect(await collection.updateMany({ a: 9 }, { $set: { b: 1 } })).toMatchObject({
      matchedCount: 0,
      modifiedCount: 0,
    });
    expect(await collection.countDocuments({ b: 1 })).toBe(2);
  });

  it('replaces a document whole, but for its _id', async () => {
    const collection = await mongo.collectionOf([{ _id: 1, a: 1, b: 2 }]);
    await collection.replaceOne({ a: 1 }, { c: 3 });
    expect(await collection.findOne()).toEqual({ _id: 1, c: 3 });
  });

  it.each<[string, Document, Document]>([
    ['changes the _id', {}, { $set: { _id: 2 } }],
    ['sets one path twice', {}, { $set: { a: 1 }, $inc: { a: 1 } }],
    ['counts up a text', { a: 'x' }, { $inc: { a: 1 } }],
    ['goes through a value', { a: 1 }, { $set: { 'a.b': 1 } }],
    ['pushes onto a text', { a: 'x' }, { $push: { a: 1 } }],
    ['has an unknown operator', {}, { $what: { a: 1 } }],
  ])('that %s is refused and leaves the document', async (_what, before, update) => {
    const collection = await mongo.collectionOf([{ _id: 1, ...before }]);
    await expect(collection.updateOne({}, update)).rejects.toBeInstanceOf(MongoServerError);
    expect(await collection.findOne()).toEqual({ _id: 1, ...before });
  });

  it('loses none of many that run at once', async () => {
    const collection = await mongo.collectionOf([{ _id: 1, n: 0 }]);
    await Promise.all(Array.from({ length: 40 }, () => collection.updateOne({}, { $inc: { n: 1 } })));
    expect(await collection.findOne()).toEqual({ _id: 1, n: 40 });
  });
});

describe('an upsert', () => {
  it('inserts what the filter and the update say, and tells its _id', async () => {
    const collection = await mongo.collectionOf();
    const update = { $set: { a: 1 }, $setOnInsert: { made: true }, $inc: { n: 1 } };
    const first = await collection.updateOne({ 'key.of': 'x', n: { $lt: 5 } }, update, { upsert: true });
    expect(first).toMatchObject({ matchedCount: 0, modifiedCount: 0, upsertedCount: 1 });
    expect(first.upsertedId).toBeInstanceOf(ObjectId);
    const made = { _id: first.upsertedId, key: { of: 'x' }, a: 1, made: true, n: 1 };
    expect(await collection.findOne()).toEqual(made);
    const second = await collection.updateOne({ 'key.of': 'x' }, update, { upsert: true });
    expect(second).toMatchObject({ matchedCount: 1, modifiedCount: 1, upsertedCount: 0 });
    expect(await collection.findOne()).toEqual({ ...made, n: 2 });
  });

  it('takes the _id of the filter, also for a replacement', async () => {
    const collection = await mongo.collectionOf();
    await collection.replaceOne({ _id: 7 } as Document, { a: 1 }, { upsert: true });
    expect(await collection.findOne()).toEqual({ _id: 7, a: 1 });
  });

  it('comes among other writes of a bulk', async () => {
    const collection = await mongo.collectionOf([
      { _id: 1, a: 1 },
      { _id: 2, a: 1 },
    ]);
    const done = await collection.bulkWrite([
      { insertOne: { document: { _id: 3, a: 5 } as Document } },
      { updateMany: { filter: { a: 1 }, update: { $set: { a: 2 } } } },
      { updateOne: { filter: { _id: 9 } as Document, update: { $set: { a: 9 } }, upsert: true } },
      { deleteOne: { filter: { a: 5 } } },
    ]);
    expect(done).toMatchObject({
      insertedCount: 1,
      matchedCount: 2,
      modifiedCount: 2,
      upsertedCount: 1,
      deletedCount: 1,
    });
    expect(await collection.find().sort({ _id: 1 }).toArray()).toEqual([
      { _id: 1, a: 2 },
      { _id: 2, a: 2 },
      { _id: 9, a: 9 },
    ]);
  });
});

describe('findAndModify', () => {
  it('gives the document before, or after, the first of a sort', async () => {
    const collection = await mongo.collectionOf([
      { _id: 1, n: 1 },
      { _id: 2, n: 2 },
    ]);
    expect(await collection.findOneAndUpdate({}, { $inc: { n: 10 } }, { sort: { n: -1 } })).toEqual({ _id: 2, n: 2 });
    const after = { returnDocument: 'after', projection: { _id: 0 } } as const;
    expect(await collection.findOneAndUpdate({ _id: 2 } as Document, { $inc: { n: 1 } }, after)).toEqual({ n: 13 });
    expect(await collection.findOneAndReplace({ _id: 1 } as Document, { m: 1 }, after)).toEqual({ m: 1 });
  });

  it('removes and gives what it removed, or null', async () => {
    const collection = await mongo.collectionOf([{ _id: 1, a: 1 }]);
    expect(await collection.findOneAndDelete({ a: 1 })).toEqual({ _id: 1, a: 1 });
    expect(await collection.findOneAndDelete({ a: 1 })).toBeNull();
  });

  it('upserts', async () => {
    const collection = await mongo.collectionOf();
    const options = { upsert: true, returnDocument: 'after', includeResultMetadata: true } as const;
    const { value, lastErrorObject } = await collection.findOneAndUpdate(
      { _id: 4 } as Document,
      { $set: { a: 1 } },
      options,
    );
    expect(value).toEqual({ _id: 4, a: 1 });
    expect(lastErrorObject).toMatchObject({ updatedExisting: false, upserted: 4 });
  });
});
