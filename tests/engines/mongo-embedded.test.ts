import { appendFile, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MongoClient, type Collection, type Document } from 'mongodb';
import { MongoEngine } from '../../infra/local/mongo/engine.js';
import { startMongo } from '../../infra/local/mongo/start-mongo.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { spawnMongo } from './mongo-process.js';
import { outcome } from './mongo-under-test.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let releases: (() => Promise<unknown>)[];
beforeEach(async () => {
  folder = await temporaryFolder('mongo-embedded');
  releases = [folder.remove];
});
afterEach(async () => {
  for (const release of releases.toReversed()) await release();
});

function clientOf(url: string): MongoClient {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 5_000 });
  releases.push(() => client.close());
  return client;
}

/** Starts the engine on the test's folder. */
async function start(port = 0): Promise<{ url: string; items: Collection; close(): Promise<void> }> {
  const mongo = await startMongo({ dataDir: folder.path, port });
  releases.push(() => mongo.close());
  return { ...mongo, items: clientOf(mongo.url).db('shop').collection('items') };
}

const logFile = () => join(folder.path, 'shop', 'items.log');
const byId = (items: Collection) => items.find({}, { sort: { _id: 1 } }).toArray();
const item = (_id: number, more: object = {}): Document => ({ _id, ...more });

describe('the embedded MongoDB engine on disk', () => {
  it('keeps documents, indexes and empty collections over a restart, and what was dropped away', async () => {
    const first = await start();
    const db = clientOf(first.url).db('shop');
    await first.items.createIndex({ code: 1 }, { unique: true });
    await first.items.insertMany([item(1, { code: 'a' }), item(2, { code: 'b' }), item(3, { code: 'c' })]);
    await first.items.updateOne({ code: 'b' }, { $set: { seen: new Date(0) } });
    await first.items.deleteOne({ code: 'c' });
    await db.createCollection('empty/with & odd name');
    await db.collection('dropped').insertOne({ a: 1 });
    await db.collection('dropped').drop();
    await first.close();
    const second = await start();
    expect(await byId(second.items)).toEqual([item(1, { code: 'a' }), item(2, { code: 'b', seen: new Date(0) })]);
    expect(await outcome(second.items.insertOne({ code: 'a' }))).toBe(11_000);
    const names = await clientOf(second.url).db('shop').listCollections().toArray();
    expect(names.map(({ name }) => name).toSorted()).toEqual(['empty/with & odd name', 'items']);
  });

  it('drops a write that the end of the process cut short, and keeps all before it', async () => {
    const first = await start();
    await first.items.insertOne(item(1));
    await first.items.insertOne(item(2));
    await first.close();
    await truncate(logFile(), (await stat(logFile())).size - 3);
    const second = await start();
    expect(await byId(second.items)).toEqual([item(1)]);
    await second.items.insertOne(item(3));
    await second.close();
    await appendFile(logFile(), 'MGJ1 and no more');
    expect(await byId((await start()).items)).toEqual([item(1), item(3)]);
  });

  it('says which file is damaged, and where, rather than losing what follows', async () => {
    const first = await start();
    await first.items.insertOne(item(1));
    await first.items.insertOne(item(2));
    await first.close();
    const log = await readFile(logFile());
    log.writeUInt8(log.readUInt8(20) ^ 1, 20);
    await writeFile(logFile(), log);
    await expect(start()).rejects.toThrow(/did not start: .*items\.log is damaged at byte 0, and intact data follows/);
    expect(await readFile(logFile())).toEqual(log);
  });

  it('rewrites a log that is mostly of the past, and loses nothing by it', async () => {
    const first = await start();
    const large = 'x'.repeat(50_000);
    await first.items.createIndex({ n: 1 });
    await first.items.insertMany([item(1, { large, n: 0 }), item(2, { kept: true })]);
    for (let n = 1; n <= 60; n += 1) await first.items.updateOne(item(1), { $set: { n } });
    expect((await stat(logFile())).size).toBeLessThan(2_000_000);
    await first.close();
    await writeFile(`${logFile()}.next`, 'what a rewrite had not finished');
    const second = await start();
    expect(await byId(second.items)).toEqual([item(1, { large, n: 60 }), item(2, { kept: true })]);
    expect((await second.items.indexes()).map(({ key }) => key)).toEqual([{ _id: 1 }, { n: 1 }]);
    expect(await readdir(join(folder.path, 'shop'))).toEqual(['items.log']);
  });
});

describe('the embedded MongoDB engine when its process is killed', () => {
  it('has every write that it acknowledged', async () => {
    const acknowledged = new Set<number>();
    let next = 0;
    for (const killAfter of [30, 45, 60]) {
      const mongo = await spawnMongo({ dataDir: folder.path, port: 0 });
      releases.push(mongo.kill);
      const items = clientOf(mongo.url).db('shop').collection('items');
      const before = acknowledged.size;
      const writer = async (): Promise<void> => {
        for (;;) {
          const id = (next += 1);
          const done = await items.insertOne(item(id)).then(
            () => true,
            () => false,
          );
          if (!done) return;
          acknowledged.add(id);
          if (acknowledged.size === before + killAfter) void mongo.kill();
        }
      };
      await Promise.all([writer(), writer(), writer(), writer()]);
      await mongo.kill();
      expect(acknowledged.size).toBeGreaterThanOrEqual(before + killAfter);
    }
    const { items } = await start();
    const found = new Set((await byId(items)).map(({ _id }) => Number(_id)));
    expect([...acknowledged].filter((id) => !found.has(id))).toEqual([]);
  });
});

describe('the embedded MongoDB engine at its start', () => {
  it('says that its port is taken', async () => {
    const first = await start();
    const port = Number(new URL(first.url).port);
    const other = await temporaryFolder('mongo-other');
    releases.push(other.remove);
    await expect(startMongo({ dataDir: other.path, port })).rejects.toThrow(
      `The MongoDB-compatible engine did not start: port ${port} of 127.0.0.1 is taken by another program.`,
    );
  });

  it('leaves a folder alone that another process has', async () => {
    const mongo = await spawnMongo({ dataDir: folder.path, port: 0 });
    releases.push(mongo.kill);
    await expect(start()).rejects.toThrow(/already running on .* \(process \d+\)/);
    await mongo.kill();
    expect(await byId((await start()).items)).toEqual([]);
  });
});

describe('the embedded MongoDB engine in trouble', () => {
  it('says so when its thread ends, and leaves the process running', async () => {
    const mongo = await spawnMongo({ dataDir: folder.path, port: 0, maxHeapMb: 24 });
    releases.push(mongo.kill);
    const complaint = mongo.complaint();
    const items = clientOf(mongo.url).db('shop').collection('items');
    const lists = Array.from({ length: 500 }, () => ({ list: Array.from({ length: 1_000 }, (_, n) => ({ n })) }));
    const filling = async (): Promise<never> => {
      for (;;) await items.insertMany(lists.map((document) => ({ ...document })));
    };
    await expect(filling()).rejects.toThrow();
    expect(await complaint).toMatch(/^The MongoDB-compatible engine has stopped: .*memory/);
  });

  it('ends a connection that speaks something else, and serves the others', async () => {
    const { url, items } = await start();
    await items.insertOne(item(1));
    for (const noise of ['GET / HTTP/1.1\r\nHost: x\r\n\r\n', Buffer.alloc(64, 0xff), Buffer.alloc(16)]) {
      const socket = connect(Number(new URL(url).port), '127.0.0.1');
      socket.resume();
      socket.write(noise);
      await once(socket, 'close');
    }
    expect(await byId(items)).toEqual([item(1)]);
  });

  it('is closed with its connections', async () => {
    const { url, close } = await start();
    await close();
    await close();
    await expect(once(connect(Number(new URL(url).port), '127.0.0.1'), 'connect')).rejects.toThrow('ECONNREFUSED');
  });
});

describe('the embedded MongoDB engine and time', () => {
  it('deletes what has expired at the next sweep, by the earliest of several dates, and nothing else', async () => {
    let nowMs = Date.parse('2026-03-01T00:00:00Z');
    const engine = await MongoEngine.start({ dataDir: folder.path, port: 0, host: '127.0.0.1', clock: () => nowMs });
    releases.push(() => engine.close());
    const items = clientOf(`mongodb://127.0.0.1:${engine.port}`).db('shop').collection('items');
    await items.createIndex({ at: 1 }, { expireAfterSeconds: 60 });
    const at = new Date(nowMs);
    const later = new Date(nowMs + 30_000);
    await items.insertMany([
      item(1, { at }),
      item(2, { at: later }),
      item(3, { at: [later, at] }),
      item(4, { at: 'x' }),
      item(5),
    ]);
    const ids = async () => (await byId(items)).map(({ _id }) => _id);
    nowMs += 59_999;
    await engine.sweepExpired();
    expect(await ids()).toEqual([1, 2, 3, 4, 5]);
    nowMs += 1;
    await engine.sweepExpired();
    expect(await ids()).toEqual([2, 4, 5]);
    nowMs += 30_000;
    await engine.sweepExpired();
    expect(await ids()).toEqual([4, 5]);
  });

  it('sets the time of its clock', async () => {
    const now = new Date('2026-03-01T12:00:00Z');
    const engine = await MongoEngine.start({ dataDir: folder.path, port: 0, host: '127.0.0.1', clock: () => +now });
    releases.push(() => engine.close());
    const items = clientOf(`mongodb://127.0.0.1:${engine.port}`).db('shop').collection('items');
    await items.updateOne(item(1), { $currentDate: { at: true } }, { upsert: true });
    expect(await byId(items)).toEqual([item(1, { at: now })]);
  });
});
