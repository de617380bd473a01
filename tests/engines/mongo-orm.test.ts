import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EntitySchema, MikroORM, ObjectId } from '@mikro-orm/mongodb';
import { openMongo, outcome, type MongoUnderTest } from './mongo-under-test.js';

interface Note {
  _id: ObjectId;
  id: string;
  title: string;
  tags: string[];
  written: Date;
  place?: { city: string };
}

const NoteSchema = new EntitySchema<Note>({
  name: 'Note',
  tableName: 'notes',
  properties: {
    _id: { type: 'ObjectId', primary: true },
    id: { type: 'string', serializedPrimaryKey: true },
    title: { type: 'string', unique: true },
    tags: { type: 'array' },
    written: { type: 'Date', index: true },
    place: { type: 'json', nullable: true },
  },
});

let mongo: MongoUnderTest;
let orm: MikroORM;
beforeAll(async () => {
  mongo = await openMongo();
  orm = await MikroORM.init({
    clientUrl: mongo.url,
    dbName: mongo.db.databaseName,
    entities: [NoteSchema],
    implicitTransactions: false,
  });
  await orm.schema.ensureIndexes();
});
afterAll(async () => {
  await orm?.close();
  await mongo?.stop();
});

const note = (title: string, more: Partial<Note> = {}) => ({
  title,
  tags: [],
  written: new Date('2026-03-01T00:00:00Z'),
  ...more,
});

describe('MikroORM', () => {
  it('makes its indexes', async () => {
    const indexes = await mongo.db.collection('notes').indexes();
    expect(indexes).toContainEqual(expect.objectContaining({ key: { title: 1 }, unique: true }));
    expect(indexes).toContainEqual(expect.objectContaining({ key: { written: 1 } }));
  });

  it('writes, finds, changes and removes an entity', async () => {
    const em = orm.em.fork();
    const made = em.create(NoteSchema, note('first', { tags: ['a', 'b'], place: { city: 'Lima' } }));
    await em.persist(made).flush();
    const found = await orm.em.fork().findOneOrFail(NoteSchema, { tags: 'b' });
    expect(found).toMatchObject({ id: made.id, title: 'first', place: { city: 'Lima' } });
    made.tags = ['c'];
    await em.flush();
    expect(await orm.em.fork().count(NoteSchema, { tags: 'c' })).toBe(1);
    await em.remove(made).flush();
    expect(await orm.em.fork().findOne(NoteSchema, made.id)).toBeNull();
  });

  it('pages through many, in order', async () => {
    const em = orm.em.fork();
    await em.insertMany(
      NoteSchema,
      Array.from({ length: 30 }, (_, at) => note(`page ${String(at).padStart(2, '0')}`)),
    );
    const where = { title: /^page/ };
    const [rows, total] = await em.findAndCount(NoteSchema, where, { orderBy: { title: 'desc' }, limit: 3, offset: 6 });
    expect([total, rows.map(({ title }) => title)]).toEqual([30, ['page 23', 'page 22', 'page 21']]);
    expect(await em.nativeUpdate(NoteSchema, where, { tags: ['read'] })).toBe(30);
    expect(await em.nativeDelete(NoteSchema, { title: { $gte: 'page 10', $lt: 'page 20' } })).toBe(10);
    expect(await em.count(NoteSchema, { tags: 'read' })).toBe(20);
  });

  it('upserts, and hears of a value that must be unique', async () => {
    const em = orm.em.fork();
    const id = new ObjectId();
    await em.upsert(NoteSchema, { _id: id, ...note('only one') });
    await em.upsert(NoteSchema, { _id: id, ...note('only one', { tags: ['again'] }) });
    expect(await orm.em.fork().find(NoteSchema, { title: 'only one' })).toMatchObject([{ tags: ['again'] }]);
    const twin = orm.em.fork();
    twin.create(NoteSchema, note('only one'));
    expect(await outcome(twin.flush())).toBe(11_000);
  });
});
