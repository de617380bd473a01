import { ObjectId } from 'bson';
import { MongoError } from '../errors.js';
import { equalitiesOf } from '../query/equalities.js';
import { compileFilter, type Evaluate, type Matcher } from '../query/matcher.js';
import { decode, encode, type Document } from '../values/document.js';
import { keyOf } from '../values/value-key.js';
import { CollectionIndex, duplicateKey } from './collection-index.js';
import type { Change } from './frames.js';
import type { IndexSpec } from './index-key.js';
import { Journal } from './journal.js';

/** https://www.mongodb.com/docs/manual/reference/limits/#bson-documents */
export const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;

const ID_INDEX: IndexSpec = { v: 2, key: { _id: 1 }, name: '_id_' };

interface Stored {
  readonly document: Document;
  readonly bytes: number;
}

/** The documents of one collection, in memory and in its log. Changes are acknowledged by `synced()`. */
export class Collection {
  readonly namespace: string;
  readonly #stored = new Map<string, Stored>();
  readonly #indexes = new Map<string, CollectionIndex>();
  readonly #evaluate: Evaluate;
  #liveBytes = 0;
  #journal: Journal | undefined;

  private constructor(namespace: string, evaluate: Evaluate) {
    this.namespace = namespace;
    this.#evaluate = evaluate;
  }

  static async open(path: string, namespace: string, evaluate: Evaluate): Promise<Collection> {
    const collection = new Collection(namespace, evaluate);
    collection.#journal = await Journal.open(path, (change) => collection.#replay(change), {
      get liveBytes() {
        return collection.#liveBytes;
      },
      changes: () => collection.#snapshot(),
    });
    return collection;
  }

  get size(): number {
    return this.#stored.size;
  }

  get liveBytes(): number {
    return this.#liveBytes;
  }

  *all(): Generator<Document> {
    for (const { document } of this.#stored.values()) yield document;
  }

  /** The documents that pass, in the order they came in; by `_id` or an index where the filter names values for one. */
  *matching(filter: Document, matches: Matcher): Generator<Document> {
    const keys = this.#candidates(filter);
    if (!keys) {
      for (const { document } of this.#stored.values()) if (matches(document)) yield document;
      return;
    }
    for (const key of keys) {
      const document = this.#stored.get(key)?.document;
      if (document && matches(document)) yield document;
    }
  }

  /** Adds a document, with an `_id` if it has none. Throws DuplicateKey, BSONObjectTooLarge (10334). */
  insert(document: Document): void {
    const complete = withIdFirst(document);
    assertId(complete['_id']);
    const key = keyOf(complete['_id']);
    if (this.#stored.has(key)) throw duplicateKey(this.namespace, ID_INDEX, [complete['_id']]);
    this.#put(key, complete);
  }

  /** Puts `next` in the place of a stored document of the same `_id`. */
  replace(current: Document, next: Document): void {
    this.#put(keyOf(current['_id']), next);
  }

  remove(document: Document): void {
    const key = keyOf(document['_id']);
    this.#append({ kind: 'remove', bytes: encode({ _id: document['_id'] }) });
    this.#forget(key);
  }

  /** Resolves once all changes so far are on the disk. */
  async synced(): Promise<void> {
    await this.#journal?.synced();
  }

  async close(): Promise<void> {
    await this.#journal?.close();
  }

  /** Takes the collection off the disk. */
  async drop(): Promise<void> {
    await this.#journal?.remove();
  }

  get indexSpecs(): readonly IndexSpec[] {
    return [ID_INDEX, ...[...this.#indexes.values()].map(({ spec }) => spec)];
  }

  /** Builds an index over what is there. Throws DuplicateKey, and there is no index then. */
  addIndex(spec: IndexSpec): void {
    const index = this.#newIndex(spec);
    for (const [key, { document }] of this.#stored) {
      index.assertFree(document, key, this.namespace);
      index.add(document, key);
    }
    this.#indexes.set(spec.name, index);
    this.noteSettings();
  }

  dropIndex(name: string): void {
    this.#indexes.delete(name);
    this.noteSettings();
  }

  /** Writes down which indexes there are: also what makes an empty collection last. */
  noteSettings(): void {
    this.#append(this.#settings());
  }

  #put(key: string, document: Document): void {
    const bytes = encode(document);
    if (bytes.length > MAX_DOCUMENT_BYTES) {
      throw new MongoError(
        10334,
        `BSONObj size: ${bytes.length} is invalid. Size must be between 0 and ${MAX_DOCUMENT_BYTES}`,
      );
    }
    for (const index of this.#indexes.values()) index.assertFree(document, key, this.namespace);
    this.#append({ kind: 'put', bytes });
    this.#keep(key, document, bytes.length);
  }

  #keep(key: string, document: Document, bytes: number): void {
    const before = this.#stored.get(key);
    for (const index of this.#indexes.values()) {
      if (before) index.remove(before.document, key);
      index.add(document, key);
    }
    this.#liveBytes += bytes - (before?.bytes ?? 0);
    this.#stored.set(key, { document, bytes });
  }

  #forget(key: string): void {
    const before = this.#stored.get(key);
    if (!before) return;
    for (const index of this.#indexes.values()) index.remove(before.document, key);
    this.#liveBytes -= before.bytes;
    this.#stored.delete(key);
  }

  #candidates(filter: Document): Iterable<string> | undefined {
    const wanted = equalitiesOf(filter);
    const ids = wanted.get('_id');
    if (ids) return new Set(ids.map(keyOf));
    let best: ReadonlySet<string> | undefined;
    for (const index of this.#indexes.values()) {
      const values = wanted.get(index.lookupField ?? '');
      if (!values) continue;
      const found = index.lookup(values);
      if (!best || found.size < best.size) best = found;
    }
    return best && [...best];
  }

  #append(change: Change): void {
    this.#journal?.append(change);
  }

  #newIndex(spec: IndexSpec): CollectionIndex {
    const partial = spec.partialFilterExpression;
    return new CollectionIndex(spec, partial && compileFilter(partial, this.#evaluate));
  }

  #settings(): Change {
    const indexes = [...this.#indexes.values()].map(({ spec }) => spec);
    return { kind: 'settings', bytes: encode({ version: 1, indexes }) };
  }

  /** The documents of this very moment: it is read on while changes come in. */
  *#snapshot(): Generator<Change> {
    yield this.#settings();
    for (const { document } of Array.from(this.#stored.values())) yield { kind: 'put', bytes: encode(document) };
  }

  #replay({ kind, bytes }: Change): void {
    const document = decode(bytes);
    if (kind === 'put') this.#keep(keyOf(document['_id']), document, bytes.length);
    else if (kind === 'remove') this.#forget(keyOf(document['_id']));
    else this.#restoreIndexes(document['indexes'] as IndexSpec[]);
  }

  #restoreIndexes(specs: readonly IndexSpec[]): void {
    this.#indexes.clear();
    for (const spec of specs) {
      const index = this.#newIndex(spec);
      for (const [key, { document }] of this.#stored) index.add(document, key);
      this.#indexes.set(spec.name, index);
    }
  }
}

function withIdFirst(document: Document): Document {
  const { _id: id, ...fields } = document;
  return { _id: id ?? (Object.hasOwn(document, '_id') ? id : new ObjectId()), ...fields };
}

function assertId(id: unknown): void {
  if (Array.isArray(id)) throw new MongoError(53, `The '_id' value cannot be of type array`);
  if (id instanceof RegExp) throw new MongoError(53, `The '_id' value cannot be of type regex`);
}
