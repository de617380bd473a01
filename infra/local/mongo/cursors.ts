import { randomInt } from 'node:crypto';
import { calculateObjectSize, Long } from 'bson';
import { MongoError } from './errors.js';
import { MAX_DOCUMENT_BYTES } from './store/collection.js';
import type { Document } from './values/document.js';

/** https://www.mongodb.com/docs/manual/reference/command/find/: how many documents come first when nothing is said. */
const FIRST_BATCH = 101;
/** As MongoDB's `cursorTimeoutMillis`. */
const IDLE_TIMEOUT_MS = 600_000;

interface OpenCursor {
  readonly namespace: string;
  readonly documents: Iterator<Document>;
  /** Read, but not fitting into the batch before. */
  held: Document | undefined;
  usedAtMs: number;
}

/** Results that have more documents than one reply holds. */
export class Cursors {
  readonly #open = new Map<string, OpenCursor>();
  readonly #clock: () => number;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** The reply of `find` and the like: the first batch, and a cursor's id while there is more. */
  first(namespace: string, documents: Iterable<Document>, batchSize = FIRST_BATCH, singleBatch = false): Document {
    const cursor: OpenCursor = {
      namespace,
      documents: documents[Symbol.iterator](),
      held: undefined,
      usedAtMs: this.#clock(),
    };
    const { batch, more } = take(cursor, batchSize);
    const id = more && !singleBatch ? this.#keep(cursor) : Long.ZERO;
    return { cursor: { firstBatch: batch, id, ns: namespace }, ok: 1 };
  }

  /** Throws CursorNotFound. */
  next(id: string, namespace: string, batchSize: number | undefined): Document {
    const cursor = this.#open.get(id);
    if (!cursor) throw new MongoError(43, `cursor id ${id} not found`);
    if (cursor.namespace !== namespace) {
      throw new MongoError(
        13,
        `Requested getMore on namespace '${namespace}', but cursor belongs to a different namespace ${cursor.namespace}`,
      );
    }
    const { batch, more } = take(cursor, batchSize || Infinity);
    cursor.usedAtMs = this.#clock();
    if (!more) this.#open.delete(id);
    return { cursor: { nextBatch: batch, id: more ? Long.fromString(id) : Long.ZERO, ns: namespace }, ok: 1 };
  }

  /** True when there was one. */
  kill(id: string): boolean {
    return this.#open.delete(id);
  }

  closeIdle(): void {
    const oldest = this.#clock() - IDLE_TIMEOUT_MS;
    for (const [id, { usedAtMs }] of this.#open) if (usedAtMs < oldest) this.#open.delete(id);
  }

  #keep(cursor: OpenCursor): Long {
    const id = Long.fromNumber(randomInt(1, 2 ** 47));
    this.#open.set(id.toString(), cursor);
    return id;
  }
}

function take(cursor: OpenCursor, size: number): { batch: Document[]; more: boolean } {
  const batch: Document[] = [];
  let bytes = 0;
  for (;;) {
    const document = cursor.held ?? nextOf(cursor.documents);
    cursor.held = undefined;
    if (!document) return { batch, more: false };
    bytes += calculateObjectSize(document, { ignoreUndefined: true });
    if (batch.length >= size || (batch.length > 0 && bytes > MAX_DOCUMENT_BYTES)) {
      cursor.held = document;
      return { batch, more: true };
    }
    batch.push(document);
  }
}

function nextOf(documents: Iterator<Document>): Document | undefined {
  const { done, value } = documents.next();
  return done ? undefined : value;
}
