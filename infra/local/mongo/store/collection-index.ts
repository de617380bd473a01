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
  /** A set only where several documents share a value: most indexes are of values that few share. */
  readonly #byFirst = new Map<string, string | Set<string>>();

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
      const held = this.#byFirst.get(first);
      if (held === undefined) this.#byFirst.set(first, owner);
      else if (typeof held !== 'string') held.add(owner);
      else if (held !== owner) this.#byFirst.set(first, new Set([held, owner]));
    }
  }

  remove(document: Document, owner: string): void {
    for (const entry of this.#keys.of(document)) {
      if (this.spec.unique) this.#owners.delete(keysOf(entry));
      const first = keyOf(entry[0]);
      const held = this.#byFirst.get(first);
      if (typeof held === 'object') held.delete(owner);
      if (held === owner || (typeof held === 'object' && held.size === 0)) this.#byFirst.delete(first);
    }
  }

  /** The documents whose first field has one of these values. */
  lookup(values: readonly unknown[]): ReadonlySet<string> {
    const [first = new Set<string>(), ...others] = values.map((value) => this.#owning(value));
    return others.length === 0 ? first : new Set([first, ...others].flatMap((owners) => [...owners]));
  }

  #owning(value: unknown): ReadonlySet<string> {
    const held = this.#byFirst.get(keyOf(value ?? null));
    return typeof held === 'object' ? held : new Set(held === undefined ? [] : [held]);
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
