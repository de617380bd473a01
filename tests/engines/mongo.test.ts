import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Binary, Decimal128, Long, MongoClient, ObjectId, Timestamp, UUID, type Document } from 'mongodb';
import { openMongo, outcome, type MongoUnderTest } from './mongo-under-test.js';

let mongo: MongoUnderTest;
beforeAll(async () => {
  mongo = await openMongo();
});
afterAll(() => mongo?.stop());

const numbered = (count: number): Document[] => Array.from({ length: count }, (_, at) => ({ _id: at, half: at % 2 }));

describe('a server', () => {
  it('greets a driver and answers a ping', async () => {
    expect(await mongo.db.command({ ping: 1 })).toMatchObject({ ok: 1 });
    const hello = await mongo.db.command({ hello: 1 });
    expect(hello).toMatchObject({ isWritablePrimary: true, maxBsonObjectSize: 16_777_216, ok: 1 });
    expect(hello['maxWireVersion']).toBeGreaterThanOrEqual(21);
  });

  it('says of a command it does not know that there is none', async () => {
    await expect(mongo.db.command({ noSuchCommand: 1 })).rejects.toMatchObject({
      code: 59,
      codeName: 'CommandNotFound',
    });
  });

  it('serves many clients at once', async () => {
    const collection = await mongo.collectionOf();
    await Promise.all(
      Array.from({ length: 8 }, async (_, at) => {
        await using client = new MongoClient(mongo.url);
        const own = client.db(mongo.db.databaseName).collection(collection.collectionName);
        await Promise.all(Array.from({ length: 10 }, (__, n) => own.insertOne({ _id: at * 10 + n } as Document)));
      }),
    );
    expect(await collection.countDocuments()).toBe(80);
  });
});

describe('insert', () => {
  it('gives an _id where there is none', async () => {
    const collection = await mongo.collectionOf();
    const { insertedId } = await collection.insertOne({ a: 1 });
    expect(insertedId).toBeInstanceOf(ObjectId);
    expect(await collection.findOne({ _id: insertedId })).toEqual({ _id: insertedId, a: 1 });
  });

  it('keeps values of every type', async () => {
    const document = {
      _id: new UUID('6b1f4a3e-5b5f-4d2a-9d5e-0c9b8a7f6e5d'),
      text: 'año 日本 𝒳',
      whole: 42,
      large: 2 ** 40,
      negative: -1.5,
      yes: true,
      nothing: null,
      date: new Date('2026-03-01T12:00:00.123Z'),
      id: new ObjectId('6b063a4add70a98627344fec'),
      list: [1, 'two', [3, { four: 4 }], []],
      below: { empty: {}, deeper: { still: 'here' } },
      bytes: new Binary(Buffer.from([0, 1, 255])),
      decimal: Decimal128.fromString('1.10'),
      beyond: Long.fromString('9007199254740993'),
      stamp: new Timestamp({ t: 7, i: 1 }),
    };
    const collection = await mongo.collectionOf();
    await collection.insertOne(document as Document);
    const found = await collection.findOne();
    expect(found).toEqual(document);
    expect(Object.keys(found ?? {})).toEqual(Object.keys(document));
  });

  it('refuses an _id that is there, says which and where, and keeps what came before it', async () => {
    const collection = await mongo.collectionOf([{ _id: 1 }]);
    const failed = await collection.insertMany(numbered(3)).catch((error) => error);
    expect(failed).toMatchObject({ code: 11_000, insertedCount: 1 });
    expect(failed.writeErrors).toMatchObject([{ index: 1, code: 11_000 }]);
    expect(await collection.countDocuments()).toBe(2);
  });

  it('goes on after an error where the order does not matter', async () => {
    const collection = await mongo.collectionOf([{ _id: 1 }, { _id: 3 }]);
    const failed = await collection.insertMany(numbered(5), { ordered: false }).catch((error) => error);
    expect(failed).toMatchObject({ code: 11_000, insertedCount: 3 });
    expect(failed.writeErrors.map(({ index }: { index: number }) => index)).toEqual([1, 3]);
  });

  it('has one winner among parallel inserts of one _id', async () => {
    const collection = await mongo.collectionOf();
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, (_, by) => outcome(collection.insertOne({ _id: 'same', by } as Document))),
    );
    expect(outcomes.filter((code) => code === 'ok')).toHaveLength(1);
    expect(new Set(outcomes)).toEqual(new Set(['ok', 11_000]));
  });
});

describe('find and getMore', () => {
  it.each([1, 2, 100, 101, 250, 1_000])('gives every document once, in batches of %i', async (batchSize) => {
    const collection = await mongo.collectionOf(numbered(250));
    const found = await collection.find({}, { batchSize }).toArray();
    expect(found.map(({ _id }) => Number(_id)).toSorted((a, b) => a - b)).toEqual(numbered(250).map(({ _id }) => _id));
  });

  it('skips and limits in the order of a sort', async () => {
    const collection = await mongo.collectionOf(numbered(20));
    const page = collection.find({ half: 0 }).sort({ _id: -1 }).skip(2).limit(3);
    expect(await page.toArray()).toEqual([14, 12, 10].map((_id) => ({ _id, half: 0 })));
  });

  it('is not disturbed by what is written while it is read', async () => {
    const collection = await mongo.collectionOf(numbered(50));
    const cursor = collection.find({}, { batchSize: 10 }).sort({ _id: 1 });
    expect(await cursor.next()).toMatchObject({ _id: 0 });
    await collection.deleteMany({ _id: { $lt: 5 } } as Document);
    const rest = await cursor.toArray();
    expect(rest.at(-1)).toMatchObject({ _id: 49 });
  });

  it('lets a cursor go that is closed', async () => {
    const collection = await mongo.collectionOf(numbered(50));
    const command = { find: collection.collectionName, batchSize: 2 };
    const { cursor } = await mongo.db.command(command, { promoteLongs: false });
    const killed = await mongo.db.command({ killCursors: collection.collectionName, cursors: [cursor.id] });
    expect(killed['cursorsKilled']).toHaveLength(1);
    const more = mongo.db.command({ getMore: cursor.id, collection: collection.collectionName });
    expect(await outcome(more)).toBe(43);
  });

  it('finds nothing in a collection that is not there', async () => {
    expect(await mongo.db.collection('nowhere').find().toArray()).toEqual([]);
  });

  it.each<[string, Document, Document]>([
    ['only what is named', { a: 1, 'b.c': 1 }, { _id: 1, a: 1, b: { c: 2 } }],
    ['all but what is named', { a: 0, 'b.c': 0 }, { _id: 1, b: { d: 3 }, list: [1, 2, 3] }],
    ['no _id', { _id: 0, a: 1 }, { a: 1 }],
    ['a part of a list', { list: { $slice: -2 }, b: 0 }, { _id: 1, a: 1, list: [2, 3] }],
    ['the element that fits', { list: { $elemMatch: { $gt: 1 } } }, { _id: 1, list: [2] }],
  ])('projects %s', async (_what, projection, expected) => {
    const collection = await mongo.collectionOf([{ _id: 1, a: 1, b: { c: 2, d: 3 }, list: [1, 2, 3] }]);
    expect(await collection.findOne({}, { projection })).toEqual(expected);
  });
});

describe('delete', () => {
  it('takes one, or all that match, and says how many', async () => {
    const collection = await mongo.collectionOf(numbered(10));
    expect((await collection.deleteOne({ half: 1 })).deletedCount).toBe(1);
    expect((await collection.deleteMany({ half: 1 })).deletedCount).toBe(4);
    expect((await collection.deleteMany({ half: 1 })).deletedCount).toBe(0);
    expect(await collection.countDocuments()).toBe(5);
    expect((await collection.deleteMany({})).deletedCount).toBe(5);
  });
});

describe('count and distinct', () => {
  it('counts all, some, and no more than asked', async () => {
    const collection = await mongo.collectionOf(numbered(10));
    expect(await collection.estimatedDocumentCount()).toBe(10);
    expect(await collection.countDocuments({ half: 1 })).toBe(5);
    expect(await collection.countDocuments({ half: 1 }, { skip: 1, limit: 3 })).toBe(3);
    expect(await collection.countDocuments({ half: 7 })).toBe(0);
    const { n } = await mongo.db.command({ count: collection.collectionName, query: { half: 0 }, limit: 2 });
    expect(n).toBe(2);
  });

  it('tells each value once, those of lists one by one', async () => {
    const collection = await mongo.collectionOf([{ tag: 'a' }, { tag: ['b', 'a'] }, { tag: null }, { other: 1 }]);
    const values = await collection.distinct('tag');
    expect(values.map(String).toSorted()).toEqual(['a', 'b', 'null']);
    expect(await collection.distinct('tag', { other: 1 })).toEqual([]);
  });
});

describe('collections and databases', () => {
  it('are listed while they are there', async () => {
    await mongo.db.createCollection('made');
    await mongo.db.collection('filled').insertOne({ a: 1 });
    const names = async (filter: Document) =>
      (await mongo.db.listCollections(filter, { nameOnly: true }).toArray()).map(({ name }) => name).toSorted();
    expect(await names({ name: { $in: ['made', 'filled', 'other'] } })).toEqual(['filled', 'made']);
    const { databases } = await mongo.db.admin().listDatabases({ nameOnly: true });
    expect(databases).toContainEqual({ name: mongo.db.databaseName });
    await mongo.db.collection('made').drop();
    expect(await names({ name: 'made' })).toEqual([]);
    expect(await mongo.db.collection('filled').countDocuments()).toBe(1);
  });

  it('are gone with what is in them when a database is dropped', async () => {
    const other = mongo.client.db(`${mongo.db.databaseName}_other`);
    await other.collection('a').insertOne({ x: 1 });
    await other.collection('b').insertOne({ x: 1 });
    await other.dropDatabase();
    expect(await other.listCollections().toArray()).toEqual([]);
    expect(await other.collection('a').countDocuments()).toBe(0);
    await other.collection('a').insertOne({ x: 2 });
    expect(
      await other
        .collection('a')
        .find({}, { projection: { _id: 0 } })
        .toArray(),
    ).toEqual([{ x: 2 }]);
    await other.dropDatabase();
  });
});
