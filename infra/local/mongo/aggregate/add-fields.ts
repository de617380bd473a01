import { evalExpr } from 'mingo/core';
import type { Iterator } from 'mingo/lazy';
import type { Options } from 'mingo/types';
import { MongoError } from '../errors.js';
import { fieldOf, isDocument, setField, type Document } from '../values/document.js';
import { segmentsOf } from '../values/path.js';
import { compileExpression, type Expression } from './compile-expression.js';
import { compileProjection } from './projection.js';

/** A computed field and where it goes. */
interface Addition {
  readonly path: readonly string[];
  readonly value: Expression;
}

/** `$addFields`: a document in it names fields to add below a field, where the library puts it in the field's place. */
export function addFields(documents: Iterator, operand: unknown, options: Options): Iterator {
  if (!isDocument(operand)) throw new MongoError(40272, '$addFields specification stage must be an object');
  const additions = additionsOf(operand, [], options);
  return documents.map<Document, Document>((document) =>
    additions.reduce((row, { path, value }) => withValueAt(row, path, value(document)), document),
  );
}

function additionsOf(operand: Document, above: readonly string[], options: Options): Addition[] {
  return Object.entries(operand).flatMap(([name, value]) => {
    const path = [...above, ...segmentsOf(name)];
    const below = isDocument(value) && Object.keys(value).length > 0 && !Object.keys(value)[0]?.startsWith('$');
    return below ? additionsOf(value, path, options) : [{ path, value: compileExpression(value, options) }];
  });
}

/** `$unset` of one field or several. */
export function unset(documents: Iterator, operand: unknown, options: Options): Iterator {
  const names: unknown[] = Array.isArray(operand) ? operand : [operand];
  if (names.length === 0 || !names.every((name) => typeof name === 'string' && name !== '')) {
    throw new MongoError(31120, '$unset specification must be a string or an array of strings');
  }
  const excluded = Object.fromEntries(names.map((name) => [String(name), 0]));
  const evaluate = (expression: unknown, document: Document): unknown => evalExpr(document, expression, options);
  return documents.map<Document, Document>(compileProjection(excluded, evaluate));
}

/** The document with another value at a path, in every element of an array on the way; without the field for `undefined`. */
export function withValueAt(document: Document, path: readonly string[], value: unknown): Document {
  return placed(document, path, value, 0) as Document;
}

function placed(current: unknown, path: readonly string[], value: unknown, at: number): unknown {
  const name = path[at];
  if (name === undefined) return value;
  if (Array.isArray(current)) return current.map((element) => placed(element, path, value, at));
  const made: Document = isDocument(current) ? { ...current } : {};
  const below = placed(fieldOf(made, name), path, value, at + 1);
  if (below === undefined) Reflect.deleteProperty(made, name);
  else setField(made, name, below);
  return made;
}
