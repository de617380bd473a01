import { MongoError } from '../errors.js';
import type { Document } from '../values/document.js';
import { compareForSort } from '../values/order.js';
import { segmentsOf, valuesAt } from '../values/path.js';

/** Sorts a copy, stably. An array counts by its least element when rising, by its greatest when falling. */
export function sorted<T extends Document>(documents: readonly T[], order: Document): T[] {
  const fields = Object.entries(order).map(([name, direction]) => ({
    path: segmentsOf(name),
    direction: directionOf(direction),
  }));
  const keyed = documents.map((document) => ({
    document,
    keys: fields.map(({ path, direction }) => sortKey(document, path, direction)),
  }));
  keyed.sort((a, b) => {
    for (const [at, { direction }] of fields.entries()) {
      const difference = compareForSort(a.keys[at], b.keys[at]);
      if (difference !== 0) return difference * direction;
    }
    return 0;
  });
  return keyed.map(({ document }) => document);
}

function sortKey(document: Document, path: readonly string[], direction: 1 | -1): unknown {
  const [first, ...rest] = valuesAt(document, path);
  return rest.reduce((best, value) => (compareForSort(value, best) * direction < 0 ? value : best), first);
}

function directionOf(direction: unknown): 1 | -1 {
  if (direction === 1 || direction === -1) return direction;
  throw new MongoError(15975, '$sort key ordering must be 1 (for ascending) or -1 (for descending)');
}
