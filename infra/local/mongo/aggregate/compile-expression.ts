import { evalExpr } from 'mingo/core';
import type { Options } from 'mingo/types';
import { MongoError } from '../errors.js';
import { isTruthy } from '../query/matcher.js';
import { fieldOf, isDocument, setField, type Document } from '../values/document.js';
import { compareValues } from '../values/order.js';
import { isIndex, segmentsOf } from '../values/path.js';

export type Expression = (document: Document) => unknown;

/**
 * Compiles the expressions of the hot paths (fields, documents, comparisons, `$cond`, arithmetic on two numbers or dates) to
 * functions, several times faster than interpreting them; anything else, or of another type, is left to the library.
 */
export function compileExpression(expression: unknown, options: Options): Expression {
  if (typeof expression === 'string' && expression.startsWith('$')) return compileField(expression, options);
  if (!isDocument(expression)) {
    return Array.isArray(expression) ? interpreted(expression, options) : () => expression;
  }
  const [name] = Object.keys(expression);
  if (name?.startsWith('$')) return compileOperator(name, expression, options);
  const fields = Object.entries(expression).map(
    ([field, value]) => [field, compileExpression(value, options)] as const,
  );
  return (document) => {
    const made: Document = {};
    for (const [field, value] of fields) {
      const result = value(document);
      if (result !== undefined) setField(made, field, result);
    }
    return made;
  };
}

function interpreted(expression: unknown, options: Options): Expression {
  return (document) => evalExpr(document, expression, options);
}

function compileField(expression: string, options: Options): Expression {
  if (expression.startsWith('$$')) return interpreted(expression, options);
  const path = segmentsOf(expression.slice(1));
  const [name = ''] = path;
  if (path.length === 1) return (document) => fieldOf(document, name);
  return (document) => valueAt(document, path, 0);
}

/** What a field path of an expression gives: through an array, the list of what its elements have. */
function valueAt(value: unknown, path: readonly string[], at: number): unknown {
  const name = path[at];
  if (name === undefined) return value;
  if (isDocument(value)) return valueAt(fieldOf(value, name), path, at + 1);
  if (!Array.isArray(value) || isIndex(name)) return undefined;
  return value.map((element) => valueAt(element, path, at)).filter((found) => found !== undefined);
}

const COMPARISONS: Readonly<Record<string, (order: number) => boolean>> = {
  $eq: (order) => order === 0,
  $ne: (order) => order !== 0,
  $gt: (order) => order > 0,
  $gte: (order) => order >= 0,
  $lt: (order) => order < 0,
  $lte: (order) => order <= 0,
};

const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  $add: (a, b) => a + b,
  $subtract: (a, b) => a - b,
  $multiply: (a, b) => a * b,
  $divide: (a, b) => {
    if (b === 0) throw new MongoError(2, `can't $divide by zero`);
    return a / b;
  },
};

/** Of one number each. */
const ROUND: Readonly<Record<string, (a: number) => number>> = { $floor: Math.floor, $ceil: Math.ceil };

function compileOperator(name: string, expression: Document, options: Options): Expression {
  const operand = expression[name];
  const fallback = interpreted(expression, options);
  if (Object.keys(expression).length !== 1) return fallback;
  const rounds = ROUND[name];
  if (rounds && !Array.isArray(operand)) {
    const inner = compileExpression(operand, options);
    return (document) => {
      const a = inner(document);
      return typeof a === 'number' ? rounds(a) : fallback(document);
    };
  }
  const operands = Array.isArray(operand) ? operand.map((one: unknown) => compileExpression(one, options)) : [];
  const [first, second, third] = operands;
  if (name === '$cond' && operands.length === 3 && first && second && third) {
    return (document) => (isTruthy(first(document)) ? second(document) : third(document));
  }
  if (operands.length !== 2 || !first || !second) return fallback;
  const compares = COMPARISONS[name];
  if (compares) return (document) => compares(compareValues(first(document), second(document)));
  const calculates = ARITHMETIC[name];
  if (!calculates) return fallback;
  return (document) => {
    const a = first(document);
    const b = second(document);
    if (typeof a === 'number' && typeof b === 'number') return calculates(a, b);
    if (name === '$subtract' && a instanceof Date && b instanceof Date) return a.getTime() - b.getTime();
    return fallback(document);
  };
}
