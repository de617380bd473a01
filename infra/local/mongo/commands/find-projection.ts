import { compileProjection, type FieldOperators, type Projection } from '../aggregate/projection.js';
import { assertExpression } from '../aggregate/validate.js';
import { MongoError } from '../errors.js';
import { elementTest, type Evaluate } from '../query/matcher.js';
import { positionOf } from '../update/target.js';
import { fieldOf, isDocument, type Document } from '../values/document.js';
import { segmentsOf } from '../values/path.js';

/** The projection of `find`: as `$project`, and with `$slice`, `$elemMatch` and the positional `$`. */
export function findProjection(projection: Document, filter: Document, evaluate: Evaluate): Projection {
  if (Object.keys(projection).length === 0) return (document) => document;
  const prepared = Object.fromEntries(
    Object.entries(projection).map(([name, value]) =>
      name.endsWith('.$') ? [name.slice(0, -2), { $positional: 1 }] : [name, value],
    ),
  );
  const special = operatorsOf(filter, evaluate);
  for (const value of Object.values(prepared)) {
    if (!(isDocument(value) && (Object.keys(value)[0] ?? '') in special)) assertExpression(value);
  }
  return compileProjection(prepared, evaluate, special);
}

function operatorsOf(filter: Document, evaluate: Evaluate): FieldOperators {
  return {
    $slice: (operand, field) => (document) => sliced(valueAt(document, field), operand),
    $elemMatch: (operand, field) => {
      if (!isDocument(operand)) throw new MongoError(31274, 'elemMatch: Invalid argument, object required');
      const test = elementTest(operand, evaluate);
      return (document) => firstElement(valueAt(document, field), (array) => array.findIndex(test));
    },
    $positional: (_operand, field) => (document) => {
      const at = (array: readonly unknown[]): number => positionOf(filter, array, segmentsOf(field), evaluate) ?? -1;
      return firstElement(valueAt(document, field), at);
    },
  };
}

function valueAt(document: Document, field: string): unknown {
  return segmentsOf(field).reduce<unknown>((at, name) => (isDocument(at) ? fieldOf(at, name) : undefined), document);
}

function firstElement(value: unknown, indexIn: (array: readonly unknown[]) => number): unknown {
  if (!Array.isArray(value)) return undefined;
  const index = indexIn(value);
  return index === -1 ? undefined : [value[index]];
}

function sliced(value: unknown, operand: unknown): unknown {
  const [skip, limit]: unknown[] = Array.isArray(operand) ? operand : [0, operand];
  if (!Number.isInteger(skip) || !Number.isInteger(limit)) {
    throw new MongoError(28667, 'Invalid $slice syntax: it takes one or two numbers');
  }
  if (!Array.isArray(value)) return value;
  const list: unknown[] = value;
  if (!Array.isArray(operand)) return Number(limit) < 0 ? list.slice(Number(limit)) : list.slice(0, Number(limit));
  const start = Number(skip) < 0 ? Math.max(list.length + Number(skip), 0) : Number(skip);
  return list.slice(start, start + Number(limit));
}
