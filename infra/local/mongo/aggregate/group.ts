import { Lazy, type Iterator } from 'mingo/lazy';
import type { Options } from 'mingo/types';
import { MongoError } from '../errors.js';
import { isDocument, type Document } from '../values/document.js';
import { keyOf } from '../values/value-key.js';
import { compileAccumulator, type Accumulator } from './accumulators.js';
import { compileExpression } from './compile-expression.js';

/** `$group`, in one pass with the operands compiled. */
export function group(documents: Iterator, operand: unknown, options: Options): Iterator {
  if (!isDocument(operand)) throw new MongoError(15947, `a group's fields must be specified in an object`);
  const { _id: idExpression, ...outputs } = operand;
  if (!('_id' in operand)) throw new MongoError(15955, 'a group specification must include an _id');
  const idOf = compileExpression(idExpression, options);
  const fields = Object.entries(outputs).map(([field, accumulator]) => {
    const [name, argument] = Object.entries(isDocument(accumulator) ? accumulator : {})[0] ?? [];
    if (name === undefined) throw new MongoError(40234, `The field '${field}' must be an accumulator object`);
    return { field, make: compileAccumulator(name, argument, options) };
  });
  return documents.transform<Document>((all) => {
    const groups = new Map<string, { id: unknown; accumulators: Accumulator[] }>();
    for (const document of all) {
      const id = idOf(document) ?? null;
      const key = keyOf(id);
      let found = groups.get(key);
      if (!found) {
        found = { id, accumulators: fields.map(({ make }) => make()) };
        groups.set(key, found);
      }
      for (const accumulator of found.accumulators) accumulator.add(document);
    }
    const rows = [...groups.values()].map(({ id, accumulators }) => {
      const row: Document = { _id: id };
      for (const [at, { field }] of fields.entries()) row[field] = accumulators[at]?.result();
      return row;
    });
    return Lazy(rows);
  });
}
