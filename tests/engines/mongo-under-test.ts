import { randomUUID } from 'node:crypto';
import { MongoClient, type Collection, type Db, type Document } from 'mongodb';
import { startMongo } from '../../infra/local/mongo/start-mongo.js';
import { temporaryFolder } from '../support/temporary-folder.js';

export interface MongoUnderTest {
  readonly url: string;
  readonly client: MongoClient;
  readonly db: Db;
  /** A collection that no other test has, with these documents. */
  collectionOf(documents?: readonly Document[]): Promise<Collection>;
  stop(): Promise<void>;
}

/** A database of its own: on the server that `ANALYTICS_MONGO_URI` names, or on the embedded engine. */
export async function openMongo(): Promise<MongoUnderTest> {
  const named = process.env['ANALYTICS_MONGO_URI'];
  const server = named ? { url: named, stop: async () => undefined } : await embeddedServer();
  const client = new MongoClient(server.url);
  const db = client.db(`contract_${randomUUID().slice(0, 8)}`);
  let collections = 0;
  return {
    url: server.url,
    client,
    db,
    async collectionOf(documents = []) {
      const collection = db.collection(`c${(collections += 1)}`);
      if (documents.length > 0) await collection.insertMany(documents.map((document) => ({ ...document })));
      return collection;
    },
    async stop() {
      await db.dropDatabase().finally(() => client.close());
      await server.stop();
    },
  };
}

async function embeddedServer(): Promise<{ url: string; stop(): Promise<void> }> {
  const folder = await temporaryFolder('mongo');
  const mongo = await startMongo({ dataDir: folder.path, port: 0 });
  return {
    url: mongo.url,
    async stop() {
      await mongo.close();
      await folder.remove();
    },
  };
}

/** The code of the error that a call fails with, or `ok`. */
export async function outcome(call: Promise<unknown>): Promise<number | string> {
  return call.then(
    () => 'ok',
    ({ code, message }: { code?: number; message: string }) => code ?? message,
  );
}
