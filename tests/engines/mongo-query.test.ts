import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MongoServerError, type Collection, type Document, type Sort } from 'mongodb';
import { openMongo, type MongoUnderTest } from './mongo-under-test.js';

const march = (day: number) => new Date(Date.UTC(2026, 2, day));
const DOCUMENTS: Document[] = [
  { _id: 1, n: 1, text: 'alpha', tags: ['a', 'b'], at: march(1), in: { x: 1 }, rows: [{ k: 1, v: 2 }] },
  {
    _id: 2,
    n: 2.5,
    text: 'Beta',
    tags: [],
    at: march(2),
    in: { x: 2, y: 1 },
    rows: [
      { k: 1, v: 5 },
      { k: 2, v: 2 },
    ],
  },
  { _id: 3, n: null, text: 'gamma\nline', tags: ['b'], at: march(3), flag: true },
  { _id: 4, n: '1', text: '', tags: 'a', at: null, flag: false },
  { _id: 5, n: [1, 7], text: 'delta', tags: ['c', ['a']], at: march(5), in: [{ x: 1 }, { x: 9 }] },
  { _id: 6, text: 'zeta', at: march(6), in: { x: null } },
];

let mongo: MongoUnderTest;
let collection: Collection;
beforeAll(async () => {
  mongo = await openMongo();
  collection = await mongo.collectionOf(DOCUMENTS);
});
afterAll(() => mongo?.stop());

async function found(filter: Document): Promise<number[]> {
  const documents = await collection.find(filter, { projection: { _id: 1 } }).toArray();
  return documents.map(({ _id }) => Number(_id)).toSorted((a, b) => a - b);
}

describe('a filter', () => {
  it.each<[string, Document, number[]]>([
    ['a number, also within a list', { n: 1 }, [1, 5]],
    ['null for null and for what is missing', { n: null }, [3, 6]],
    ['a whole list', { tags: ['a', 'b'] }, [1]],
    ['an element of a list', { tags: 'a' }, [1, 4]],
    ['a whole document, in its order', { in: { x: 2, y: 1 } }, [2]],
    ['no document of another order', { in: { y: 1, x: 2 } }, []],
    ['a path', { 'in.x': 1 }, [1, 5]],
    ['a path through a list by place', { 'rows.1.k': 2 }, [2]],
    ['a date', { at: march(3) }, [3]],
    ['$eq', { n: { $eq: 2.5 } }, [2]],
    ['$ne, also where the field is missing', { text: { $ne: 'alpha' }, n: { $ne: 1 } }, [2, 3, 4, 6]],
    ['$gt of numbers only', { n: { $gt: 1 } }, [2, 5]],
    ['$gte and $lt of one field', { n: { $gte: 1, $lt: 2.5 } }, [1, 5]],
    ['$gt of strings only', { n: { $gt: '' } }, [4]],
    ['a span of dates, both ends included', { at: { $gte: march(2), $lte: march(5) } }, [2, 3, 5]],
    ['$in', { n: { $in: [2.5, '1', 7] } }, [2, 4, 5]],
    ['$in with null', { at: { $in: [null] } }, [4]],
    ['$in of nothing', { n: { $in: [] } }, []],
    ['$nin', { tags: { $nin: ['a', 'c'] } }, [2, 3, 6]],
    ['$exists', { flag: { $exists: true } }, [3, 4]],
    ['$exists of a path', { 'in.y': { $exists: false } }, [1, 3, 4, 5, 6]],
    ['$type', { n: { $type: 'string' } }, [4]],
    ['$type of a list', { tags: { $type: 'array' } }, [1, 2, 3, 5]],
    ['$size', { tags: { $size: 0 } }, [2]],
    ['$all', { tags: { $all: ['b', 'a'] } }, [1]],
    ['$mod', { n: { $mod: [2, 1] } }, [1, 5]],
    ['$elemMatch of documents', { rows: { $elemMatch: { k: 1, v: { $gt: 2 } } } }, [2]],
    ['$elemMatch of values', { n: { $elemMatch: { $gt: 5, $lt: 8 } } }, [5]],
    ['$not', { n: { $not: { $gt: 1 } } }, [1, 3, 4, 6]],
    ['$and of one field', { $and: [{ n: { $gte: 1 } }, { n: { $lte: 1 } }] }, [1, 5]],
    ['$or', { $or: [{ flag: true }, { 'rows.k': 2 }] }, [2, 3]],
    ['$nor', { $nor: [{ flag: { $exists: true } }, { n: 1 }] }, [2, 6]],
    ['$expr', { $expr: { $gt: [{ $size: { $ifNull: ['$rows', []] } }, 1] } }, [2]],
    ['a pattern', { text: /^[ab]/ }, [1]],
    ['a pattern without case', { text: /^[ab]/i }, [1, 2]],
    ['a pattern by line', { text: /^line/m }, [3]],
    ['$regex with options', { text: { $regex: 'a.line$', $options: 's' } }, [3]],
    ['a pattern in $in', { text: { $in: [/^z/, 'delta'] } }, [5, 6]],
    ['several fields', { n: 1, tags: 'b' }, [1]],
    ['nothing in particular', {}, [1, 2, 3, 4, 5, 6]],
  ])('matches %s', async (_what, filter, expected) => {
    expect(await found(filter)).toEqual(expected);
  });

  it.each<[string, Document]>([
    ['an unknown operator', { n: { $near: 1, $what: 2 } }],
    ['an unknown operator on top', { $what: [] }],
    ['$or of nothing', { $or: [] }],
    ['$in of no list', { n: { $in: 3 } }],
  ])('with %s is refused', async (_what, filter) => {
    await expect(found(filter)).rejects.toBeInstanceOf(MongoServerError);
  });
});

async function inOrder(sort: Sort, filter: Document = {}): Promise<number[]> {
  const documents = await collection.find(filter, { projection: { _id: 1 }, sort }).toArray();
  return documents.map(({ _id }) => Number(_id));
}

describe('a sort', () => {
  it('puts kinds of values in the order of BSON, lists by their least', async () => {
    expect(await inOrder({ n: 1, _id: 1 })).toEqual([3, 6, 1, 5, 2, 4]);
  });

  it('puts lists by their greatest when it falls', async () => {
    expect(await inOrder({ n: -1, _id: 1 })).toEqual([4, 5, 2, 1, 3, 6]);
  });

  it('goes by bytes, without a language', async () => {
    expect(await inOrder({ text: 1 })).toEqual([4, 2, 1, 5, 3, 6]);
  });

  it('goes by a path and then by another field', async () => {
    expect(await inOrder({ 'in.x': 1, at: -1 }, { in: { $exists: true } })).toEqual([6, 5, 1, 2]);
  });
});
