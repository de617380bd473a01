import { MongoError, notImplemented } from '../errors.js';
import { compileFilter } from '../query/matcher.js';
import type { Collection } from '../store/collection.js';
import type { IndexSpec } from '../store/index-key.js';
import { isDocument, type Document } from '../values/document.js';
import { sameValue } from '../values/order.js';
import {
  assertNoCollation,
  collectionName,
  documentsField,
  requiredDocument,
  type Call,
  type Command,
} from './command.js';

const OPTIONS = ['unique', 'sparse', 'partialFilterExpression', 'expireAfterSeconds'] as const;
/** Said by drivers, and without effect here: an index is built at once and is not ordered. */
const IGNORED = ['v', 'key', 'name', 'background', 'ns', 'collation'];
const MAX_EXPIRE_SEC = 2_147_483_647;

async function createIndexes(call: Call): Promise<Document> {
  const wanted = documentsField(call.command, 'indexes', 'createIndexes').map(specOf);
  if (wanted.length === 0) throw new MongoError(2, 'Must specify at least one index to create');
  const { databases } = call.engine;
  const name = collectionName(call, 'createIndexes');
  const isNew = (await databases.find(call.database, name)) === undefined;
  const collection = await databases.getOrCreate(call.database, name);
  const before = collection.indexSpecs.length;
  try {
    for (const spec of wanted) if (isNewIndex(collection, spec)) collection.addIndex(spec);
  } finally {
    await collection.synced();
  }
  const after = collection.indexSpecs.length;
  return {
    numIndexesBefore: before,
    numIndexesAfter: after,
    createdCollectionAutomatically: isNew,
    ...(after === before && { note: 'all indexes already exist' }),
    ok: 1,
  };
}

function specOf(given: Document): IndexSpec {
  const key = requiredDocument(given, 'key', 'createIndexes.indexes');
  const fields = Object.entries(key);
  if (fields.length === 0) throw new MongoError(67, 'Index keys cannot be an empty object');
  for (const [field, direction] of fields) assertKey(field, direction);
  const { name } = given;
  if (typeof name !== 'string' || name === '') {
    throw new MongoError(9, `The 'name' field is a required property of an index specification`);
  }
  const unknown = Object.keys(given).find(
    (field) => !IGNORED.includes(field) && !OPTIONS.some((option) => option === field),
  );
  if (unknown) {
    if (['hidden', 'wildcardProjection', 'weights', 'default_language'].includes(unknown))
      throw notImplemented(`The index option '${unknown}'`);
    throw new MongoError(197, `The field '${unknown}' is not valid for an index specification`);
  }
  assertNoCollation(given);
  assertOptions(given, fields.length);
  return {
    v: 2,
    key,
    name,
    ...Object.fromEntries(
      OPTIONS.filter((option) => given[option] !== undefined && given[option] !== false).map((option) => [
        option,
        given[option],
      ]),
    ),
  };
}

function assertKey(field: string, direction: unknown): void {
  if (field === '' || field.startsWith('$') || field.includes('$**')) {
    throw new MongoError(67, `Index key field '${field}' is not supported by the embedded engine`);
  }
  if (typeof direction === 'number' && direction !== 0) return;
  if (direction === 'hashed') return;
  if (typeof direction === 'string') throw new MongoError(67, `Unknown or unsupported index plugin '${direction}'`);
  throw new MongoError(67, `Values in the index key pattern cannot be of this kind: ${field}`);
}

function assertOptions(given: Document, fieldCount: number): void {
  const { expireAfterSeconds: expires, partialFilterExpression: partial, sparse } = given;
  if (expires !== undefined) {
    if (typeof expires !== 'number' || expires < 0 || expires > MAX_EXPIRE_SEC) {
      throw new MongoError(
        67,
        `TTL index 'expireAfterSeconds' option must be within an acceptable range, got ${JSON.stringify(expires)}`,
      );
    }
    if (fieldCount > 1)
      throw new MongoError(67, 'TTL indexes are single-field indexes, compound indexes do not support TTL.');
  }
  if (partial === undefined) return;
  if (!isDocument(partial)) throw new MongoError(67, 'partialFilterExpression must be an object');
  if (sparse === true) throw new MongoError(67, `cannot mix "partialFilterExpression" and "sparse" options`);
  compileFilter(partial, () => undefined);
}

/** False when the same index is there. Throws where one is there with that name or key but other options. */
function isNewIndex(collection: Collection, spec: IndexSpec): boolean {
  for (const existing of collection.indexSpecs) {
    const sameKey = sameValue(existing.key, spec.key);
    if (sameKey && existing.name === '_id_') return false;
    const sameOptions = OPTIONS.every((option) => sameValue(existing[option], spec[option]));
    if (existing.name === spec.name) {
      if (!sameKey || !sameOptions) {
        throw new MongoError(
          86,
          `An existing index has the same name as the requested index. When index names are not specified, they are auto generated and can cause conflicts. Requested index: ${spec.name}`,
        );
      }
      return false;
    }
    if (sameKey) {
      if (sameOptions) throw new MongoError(85, `Index already exists with a different name: ${existing.name}`);
      throw new MongoError(
        85,
        `An equivalent index already exists with a different name and options: ${existing.name}`,
      );
    }
  }
  return true;
}

async function listIndexes(call: Call): Promise<Document> {
  const name = collectionName(call, 'listIndexes');
  const namespace = `${call.database}.${name}`;
  const collection = await call.engine.databases.find(call.database, name);
  if (!collection) throw new MongoError(26, `ns does not exist: ${namespace}`);
  return call.engine.cursors.first(namespace, [...collection.indexSpecs]);
}

async function dropIndexes(call: Call): Promise<Document> {
  const name = collectionName(call, 'dropIndexes');
  const collection = await call.engine.databases.find(call.database, name);
  if (!collection) throw new MongoError(26, `ns not found ${call.database}.${name}`);
  const { index } = call.command;
  const specs = collection.indexSpecs;
  const wanted: unknown[] = Array.isArray(index) ? index : [index];
  const names = index === '*' ? specs.slice(1).map((spec) => spec.name) : wanted.map((one) => nameOf(specs, one));
  for (const one of names) collection.dropIndex(one);
  await collection.synced();
  return { nIndexesWas: specs.length, ok: 1 };
}

function nameOf(specs: readonly IndexSpec[], wanted: unknown): string {
  const found = specs.find(({ name, key }) => name === wanted || (isDocument(wanted) && sameValue(key, wanted)));
  if (!found)
    throw new MongoError(
      27,
      `index not found with name [${isDocument(wanted) ? JSON.stringify(wanted) : String(wanted)}]`,
    );
  if (found.name === '_id_') throw new MongoError(72, 'cannot drop _id index');
  return found.name;
}

export const INDEX_COMMANDS: Readonly<Record<string, Command>> = {
  createIndexes: { fields: ['indexes', 'commitQuorum'], run: createIndexes },
  listIndexes: { fields: ['cursor'], run: listIndexes },
  dropIndexes: { fields: ['index'], run: dropIndexes },
};
