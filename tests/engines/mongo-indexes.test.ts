import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MongoServerError, type Collection, type Document } from 'mongodb';
import { openMongo, outcome, type MongoUnderTest } from './mongo-under-test.js';

let mongo: MongoUnderTest;
beforeAll(async () => {
  mongo = await openMongo();
});
afterAll(() => mongo?.stop());

const keysOf = async (collection: Collection) => (await collection.indexes()).map(({ key }) => key);

describe('an index', () => {
  it('is made once, listed with what it is, and dropped', async () => {
    const collection = await mongo.collectionOf([{ a: 1 }]);
    expect(await collection.createIndex({ userId: 1, ts: -1 })).toBe('userId_1_ts_-1');
    await collection.createIndex({ userId: 1, ts: -1 });
    await collection.createIndexes([
      { key: { requestId: 1 } },
      { key: { ts: 1 }, name: 'old', expireAfterSeconds: 60 },
    ]);
    expect(await keysOf(collection)).toEqual([{ _id: 1 }, { userId: 1, ts: -1 }, { requestId: 1 }, { ts: 1 }]);
    const named = (await collection.indexes()).find(({ name }) => name === 'old');
    expect(named).toMatchObject({ v: 2, key: { ts: 1 }, name: 'old', expireAfterSeconds: 60 });
    await collection.dropIndex('old');
    await expect(collection.dropIndex('old')).rejects.toBeInstanceOf(MongoServerError);
    await collection.dropIndexes();
    expect(await keysOf(collection)).toEqual([{ _id: 1 }]);
  });

  it('makes the collection that it is for', async () => {
    const collection = await mongo.collectionOf();
    await collection.createIndex({ a: 1 });
    expect(await mongo.db.listCollections({ name: collection.collectionName }).toArray()).toHaveLength(1);
  });

  it('changes no answer', async () => {
    const documents = Array.from({ length: 200 }, (_, _id) => ({
      _id,
      a: [_id % 7, null, [_id % 3, 'x'], { b: 1 }][_id % 4],
      b: _id % 5,
    }));
    const plain = await mongo.collectionOf(documents);
    const indexed = await mongo.collectionOf();
    await indexed.createIndexes([{ key: { a: 1, b: -1 } }, { key: { b: 1 } }]);
    await indexed.insertMany(documents.map((document) => ({ ...document })) as Document[]);
    await Promise.all([plain, indexed].map((one) => one.updateMany({ b: 3 }, { $set: { a: 0 } })));
    await Promise.all([plain, indexed].map((one) => one.deleteMany({ a: 2 })));
    const filters = [
      { a: 0 },
      { a: null },
      { a: 'x' },
      { a: { $in: [1, 'x'] }, b: 1 },
      { a: { b: 1 } },
      { b: { $gt: 2 } },
      { a: [0, 'x'] },
      { $and: [{ b: 1 }, { a: 6 }] },
    ];
    for (const filter of filters) {
      const sorted = (one: Collection) => one.find(filter).sort({ _id: 1 }).toArray();
      expect(await sorted(indexed)).toEqual(await sorted(plain));
    }
  });
});

describe('a unique index', () => {
  it('keeps a second document of the same values out, whatever the write', async () => {
    const collection = await mongo.collectionOf();
    await collection.createIndex({ a: 1, b: 1 }, { unique: true });
    await collection.insertMany([{ _id: 1, a: 1, b: 1 }, { _id: 2, a: 1, b: 2 }, { _id: 3 }] as Document[]);
    expect(await outcome(collection.insertOne({ a: 1, b: 1 }))).toBe(11_000);
    expect(await outcome(collection.insertOne({ other: 1 }))).toBe(11_000);
    expect(await outcome(collection.updateOne({ _id: 2 } as Document, { $set: { b: 1 } }))).toBe(11_000);
    expect(await outcome(collection.updateOne({ a: 1, b: 1, c: 1 }, { $set: { d: 1 } }, { upsert: true }))).toBe(
      11_000,
    );
    expect(await collection.find().sort({ _id: 1 }).toArray()).toEqual([
      { _id: 1, a: 1, b: 1 },
      { _id: 2, a: 1, b: 2 },
      { _id: 3 },
    ]);
  });

  it('frees the values of what is deleted or changed', async () => {
    const collection = await mongo.collectionOf();
    await collection.createIndex({ a: 1 }, { unique: true });
    await collection.insertMany([
      { _id: 1, a: 1 },
      { _id: 2, a: 2 },
    ] as Document[]);
    await collection.deleteOne({ a: 1 });
    await collection.updateOne({ a: 2 }, { $set: { a: 3 } });
    await collection.insertMany([{ a: 1 }, { a: 2 }]);
    expect(await collection.countDocuments()).toBe(3);
  });

  it('has one winner among parallel upserts that lack it', async () => {
    const collection = await mongo.collectionOf();
    await collection.createIndex({ key: 1 }, { unique: true });
    const upsert = () => collection.updateOne({ key: 'k' }, { $inc: { n: 1 } }, { upsert: true });
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => outcome(upsert())));
    expect(outcomes.filter((code) => code !== 'ok' && code !== 11_000)).toEqual([]);
    const [only, ...more] = await collection.find().toArray();
    expect(more).toEqual([]);
    expect(only?.['n']).toBe(outcomes.filter((code) => code === 'ok').length);
  });

  it('leaves out what it does not cover', async () => {
    const collection = await mongo.collectionOf();
    await collection.createIndex({ email: 1 }, { unique: true, sparse: true });
    await collection.createIndex({ slot: 1 }, { unique: true, partialFilterExpression: { open: true } });
    await collection.insertMany([
      { slot: 1, open: false },
      { slot: 1, open: false },
      { slot: 1, open: true },
    ]);
    expect(await outcome(collection.insertOne({ slot: 1, open: true }))).toBe(11_000);
    await collection.insertOne({ email: 'a@example.com' });
    expect(await outcome(collection.insertOne({ email: 'a@example.com' }))).toBe(11_000);
  });
});
