import { MongoError, notImplemented } from '../errors.js';
import { compileFilter } from '../query/matcher.js';
import type { Collection } from '../store/collection.js';
import type { Databases } from '../store/databases.js';
import { fieldOf, isDocument, type Document } from '../values/document.js';
import { sameValue } from '../values/order.js';

/** Where `$merge` writes and how. */
export interface MergeTarget {
  readonly database: string;
  readonly collection: string;
  readonly on: readonly string[];
  readonly whenMatched: string;
  readonly whenNotMatched: string;
}

const WHEN_MATCHED = ['merge', 'replace', 'keepExisting', 'fail'];
const WHEN_NOT_MATCHED = ['insert', 'discard', 'fail'];

/** Reads `$merge`'s operand. A pipeline for `whenMatched` is refused. */
export function mergeTarget(operand: unknown, database: string): MergeTarget {
  const given: Document = typeof operand === 'string' ? { into: operand } : isDocument(operand) ? operand : {};
  const { into, on = '_id', whenMatched = 'merge', whenNotMatched = 'insert' } = given;
  const [db, collection] = isDocument(into) ? [into['db'] ?? database, into['coll']] : [database, into];
  if (typeof db !== 'string' || typeof collection !== 'string') {
    throw new MongoError(51178, `$merge 'into' field must be a string or an object with 'db' and 'coll'`);
  }
  if (Array.isArray(whenMatched) || 'let' in given) throw notImplemented('A pipeline for whenMatched of $merge');
  if (typeof whenMatched !== 'string' || !WHEN_MATCHED.includes(whenMatched)) {
    throw new MongoError(
      2,
      `Enumeration value '${String(whenMatched)}' for field '$merge.whenMatched' is not a valid value.`,
    );
  }
  if (typeof whenNotMatched !== 'string' || !WHEN_NOT_MATCHED.includes(whenNotMatched)) {
    throw new MongoError(
      2,
      `Enumeration value '${String(whenNotMatched)}' for field '$merge.whenNotMatched' is not a valid value.`,
    );
  }
  const names: unknown[] = Array.isArray(on) ? on : [on];
  return { database: db, collection, on: names.map(String), whenMatched, whenNotMatched };
}

/** Writes documents into the target. Throws 51183 where its `on` fields have no unique index. */
export async function merge(documents: readonly Document[], target: MergeTarget, databases: Databases): Promise<void> {
  const collection = await databases.getOrCreate(target.database, target.collection);
  assertUnique(collection, target.on);
  try {
    for (const document of documents) mergeOne(collection, document, target);
  } finally {
    await collection.synced();
  }
}

function assertUnique(collection: Collection, on: readonly string[]): void {
  const wanted = on.toSorted().join();
  const found = collection.indexSpecs.some(
    ({ key, unique, name, partialFilterExpression }) =>
      (unique || name === '_id_') && !partialFilterExpression && Object.keys(key).toSorted().join() === wanted,
  );
  if (!found) throw new MongoError(51183, 'Cannot find index to verify that join fields will be unique');
}

function mergeOne(collection: Collection, document: Document, { on, whenMatched, whenNotMatched }: MergeTarget): void {
  const filter = Object.fromEntries(on.map((name) => [name, { $eq: fieldOf(document, name) ?? null }]));
  const [existing] =
    fieldOf(document, '_id') === undefined && on.includes('_id')
      ? []
      : collection.matching(
          filter,
          compileFilter(filter, () => undefined),
        );
  if (!existing) {
    if (whenNotMatched === 'fail')
      throw new MongoError(
        13113,
        '$merge could not find a matching document in the target collection for at least one document in the source collection',
      );
    if (whenNotMatched === 'insert') collection.insert(document);
    return;
  }
  if (whenMatched === 'fail') throw new MongoError(11000, '$merge failed due to a matching document');
  if (whenMatched === 'keepExisting') return;
  const next = { ...(whenMatched === 'merge' && existing), ...document, _id: existing['_id'] };
  if (!on.includes('_id') && '_id' in document && !sameValue(document['_id'], existing['_id'])) {
    throw new MongoError(
      66,
      `$merge failed to update the matching document, did you attempt to modify the _id or the shard key?`,
    );
  }
  collection.replace(existing, next);
}
