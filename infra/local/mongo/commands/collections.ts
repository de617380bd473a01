import { MongoError, notImplemented } from '../errors.js';
import { compileFilter } from '../query/matcher.js';
import type { Document } from '../values/document.js';
import { collectionName, documentField, evaluateFor, type Call, type Command } from './command.js';

const CREATE_FIELDS = [
  'capped',
  'size',
  'max',
  'timeseries',
  'viewOn',
  'pipeline',
  'validator',
  'validationLevel',
  'validationAction',
  'expireAfterSeconds',
  'clusteredIndex',
  'changeStreamPreAndPostImages',
  'storageEngine',
  'indexOptionDefaults',
  'encryptedFields',
  'autoIndexId',
];

async function create(call: Call): Promise<Document> {
  const { command, engine, database } = call;
  const name = collectionName(call, 'create');
  const option = CREATE_FIELDS.find((field) => command[field] !== undefined && command[field] !== false);
  if (option) throw notImplemented(`The option '${option}' of create`);
  if (await engine.databases.find(database, name)) {
    throw new MongoError(48, `Collection ${database}.${name} already exists.`);
  }
  const collection = await engine.databases.getOrCreate(database, name);
  collection.noteSettings();
  await collection.synced();
  return { ok: 1 };
}

async function drop(call: Call): Promise<Document> {
  const name = collectionName(call, 'drop');
  const existed = await call.engine.databases.drop(call.database, name);
  return existed ? { ns: `${call.database}.${name}`, nIndexesWas: 1, ok: 1 } : { ok: 1 };
}

async function dropDatabase({ engine, database }: Call): Promise<Document> {
  const existed = await engine.databases.dropDatabase(database);
  return existed ? { dropped: database, ok: 1 } : { ok: 1 };
}

async function listCollections(call: Call): Promise<Document> {
  const { command, engine, database } = call;
  const matches = compileFilter(documentField(command, 'filter', 'listCollections'), evaluateFor(command));
  const all = await engine.databases.collectionsOf(database);
  const infos = all.map(([name, collection]): Document => ({
    name,
    type: 'collection',
    options: {},
    info: { readOnly: false },
    idIndex: collection.indexSpecs[0],
  }));
  const shown = command['nameOnly'] === true ? infos.map(({ name, type }) => ({ name, type })) : infos;
  return engine.cursors.first(`${database}.$cmd.listCollections`, shown.filter(matches));
}

async function listDatabases({ engine, command }: Call): Promise<Document> {
  const matches = compileFilter(documentField(command, 'filter', 'listDatabases'), evaluateFor(command));
  const databases: Document[] = [];
  for (const name of engine.databases.names()) {
    const collections = await engine.databases.collectionsOf(name);
    const sizeOnDisk = collections.reduce((sum, [, { liveBytes }]) => sum + liveBytes, 0);
    const empty = collections.every(([, { size }]) => size === 0);
    databases.push(command['nameOnly'] === true ? { name } : { name, sizeOnDisk, empty });
  }
  const shown = databases.filter(matches);
  return command['nameOnly'] === true
    ? { databases: shown, ok: 1 }
    : { databases: shown, totalSize: shown.reduce((sum, { sizeOnDisk }) => sum + Number(sizeOnDisk), 0), ok: 1 };
}

async function dbStats({ engine, database }: Call): Promise<Document> {
  const collections = await engine.databases.collectionsOf(database);
  return {
    db: database,
    collections: collections.length,
    objects: collections.reduce((sum, [, { size }]) => sum + size, 0),
    dataSize: collections.reduce((sum, [, { liveBytes }]) => sum + liveBytes, 0),
    ok: 1,
  };
}

export const COLLECTION_COMMANDS: Readonly<Record<string, Command>> = {
  create: { fields: CREATE_FIELDS, run: create },
  drop: { fields: [], run: drop },
  dropDatabase: { fields: [], run: dropDatabase },
  listCollections: { fields: ['filter', 'nameOnly', 'authorizedCollections', 'cursor'], run: listCollections },
  listDatabases: { fields: ['filter', 'nameOnly', 'authorizedDatabases'], run: listDatabases },
  dbStats: { fields: ['scale', 'freeStorage'], run: dbStats },
};
