import { MongoError } from '../errors.js';
import type { Matcher } from '../query/matcher.js';
import type { Document } from '../values/document.js';
import { keyOf, keysOf } from '../values/value-key.js';
import { IndexKeys, type IndexSpec } from './index-key.js';

/**
 * One index: whole entries when it is unique, and the documents by the first field for look-ups. Both hold the keys of
 * documents by their `_id`. An index is not ordered: ranges and sorts read what the equalities leave.
 */
export class CollectionIndex {
  readonly spec: IndexSpec;
  readonly #keys: IndexKeys;
  readonly #owners = new Map<string, string>();
  readonly #byFirst = new Map<string, Set<string>>();

  constructor(spec: IndexSpec, covers: Matcher | undefined) {
    this.spec = spec;
    this.#keys = new IndexKeys(spec, covers);
  }

  /** The field that look-ups go by; none where the index does not hold every document. */
  get lookupField(): string | undefined {
    return this.spec.sparse || this.spec.partialFilterExpression ? undefined : this.#keys.fields[0];
  }

  /** Throws DuplicateKey when another document than `owner` has an entry of this one. */
  assertFree(document: Document, owner: string, namespace: string): void {
    if (!this.spec.unique) return;
    for (const entry of this.#keys.of(document)) {
      const holder = this.#owners.get(keysOf(entry));
      if (holder !== undefined && holder !== owner) throw duplicateKey(namespace, this.spec, entry);
    }
  }

  add(document: Document, owner: string): void {
    for (const entry of this.#keys.of(document)) {
      if (this.spec.unique) this.#owners.set(keysOf(entry), owner);
      const first = keyOf(entry[0]);
      const bucket = this.#byFirst.get(first);
      if (bucket) bucket.add(owner);
      else this.#byFirst.set(first, new Set([owner]));
    }
  }

  remove(document: Document, owner: string): void {
    for (const entry of this.#keys.of(document)) {
      if (this.spec.unique) this.#owners.delete(keysOf(entry));
      const first = keyOf(entry[0]);
      const bucket = this.#byFirst.get(first);
      bucket?.delete(owner);
      if (bucket?.size === 0) this.#byFirst.delete(first);
    }
  }

  /** The documents whose first field has one of these values. */
  lookup(values: readonly unknown[]): ReadonlySet<string> {
    const [value] = values;
    if (values.length === 1) return this.#byFirst.get(keyOf(value ?? null)) ?? new Set();
    return new Set(values.flatMap((one) => [...(this.#byFirst.get(keyOf(one ?? null)) ?? [])]));
  }
}

/** https://www.mongodb.com/docs/manual/core/index-unique/: error 11000 with the index's keys and the values in the way. */
export function duplicateKey(
  namespace: string,
  { key, name }: Pick<IndexSpec, 'key' | 'name'>,
  values: readonly unknown[],
): MongoError {
  const keyValue = Object.fromEntries(Object.keys(key).map((field, at) => [field, values[at] ?? null]));
  const shown = Object.entries(keyValue).map(([field, value]) => `${field}: ${shownValue(value)}`);
  return new MongoError(
    11000,
    `E11000 duplicate key error collection: ${namespace} index: ${name} dup key: { ${shown.join(', ')} }`,
    { keyPattern: { ...key }, keyValue },
  );
}

function shownValue(value: unknown): string {
  const { toHexString } = (value ?? {}) as { toHexString?: () => string };
  return typeof toHexString === 'function' ? `ObjectId('${String(value)}')` : JSON.stringify(value);
}
