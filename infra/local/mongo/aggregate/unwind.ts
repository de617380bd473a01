import { Lazy, type Iterator } from 'mingo/lazy';
import { MongoError } from '../errors.js';
import { fieldOf, isDocument, type Document } from '../values/document.js';
import { segmentsOf } from '../values/path.js';
import { withValueAt } from './add-fields.js';

/** `$unwind`: the library drops empty strings and writes into the documents it is given. */
export function unwind(documents: Iterator, operand: unknown): Iterator {
  const {
    path,
    includeArrayIndex: index,
    preserveNullAndEmptyArrays: preserve,
  } = isDocument(operand) ? operand : { path: operand };
  if (typeof path !== 'string') throw new MongoError(28808, 'expected a string as the path for $unwind stage');
  if (!path.startsWith('$'))
    throw new MongoError(28818, `path option to $unwind stage should be prefixed with a '$': ${path}`);
  const segments = segmentsOf(path.slice(1));
  return documents.transform<Document>((all) =>
    Lazy(
      all.flatMap((document) => {
        const value = segments.reduce<unknown>(
          (at, name) => (isDocument(at) ? fieldOf(at, name) : undefined),
          document,
        );
        const kept = rows(document, value, segments, preserve === true);
        if (typeof index !== 'string') return kept.map(({ row }) => row);
        return kept.map(({ row, at }) => withValueAt(row, segmentsOf(index), at));
      }),
    ),
  );
}

function rows(
  document: Document,
  value: unknown,
  path: readonly string[],
  preserve: boolean,
): { row: Document; at: number | null }[] {
  if (Array.isArray(value) && value.length > 0) {
    return value.map((element: unknown, at) => ({ row: withValueAt(document, path, element), at }));
  }
  if (value !== undefined && value !== null && !Array.isArray(value)) return [{ row: document, at: null }];
  if (!preserve) return [];
  return [{ row: Array.isArray(value) ? withValueAt(document, path, undefined) : document, at: null }];
}
