import { compileFilter } from './query/matcher.js';
import type { Collection } from './store/collection.js';
import type { Databases } from './store/databases.js';
import type { IndexSpec } from './store/index-key.js';
import { segmentsOf, valuesAt } from './values/path.js';

/**
 * Deletes what TTL indexes say has expired: the earliest date of the field, and so many seconds more, is past.
 * https://www.mongodb.com/docs/manual/core/index-ttl/
 */
export async function sweepExpired(databases: Databases, nowMs: number): Promise<void> {
  for (const name of databases.names()) {
    for (const [, collection] of await databases.collectionsOf(name)) {
      for (const spec of collection.indexSpecs) sweepIndex(collection, spec, nowMs);
      await collection.synced();
    }
  }
}

function sweepIndex(collection: Collection, spec: IndexSpec, nowMs: number): void {
  const { expireAfterSeconds, key, partialFilterExpression } = spec;
  const [field] = Object.keys(key);
  if (expireAfterSeconds === undefined || field === undefined) return;
  const path = segmentsOf(field);
  const covers = compileFilter(partialFilterExpression ?? {}, () => undefined);
  const expired = [...collection.all()].filter((document) => {
    if (!covers(document)) return false;
    const times = valuesAt(document, path).filter((value) => value instanceof Date);
    return times.length > 0 && Math.min(...times.map(Number)) + expireAfterSeconds * 1000 <= nowMs;
  });
  for (const document of expired) collection.remove(document);
}
