import { evalExpr } from 'mingo/core';
import type { Options } from 'mingo/types';
import { MongoError } from '../errors.js';
import { isDocument, type Document } from '../values/document.js';

/**
 * The discrete nearest rank: the least value with at least a share `p` of all values at or below it. What is no number
 * does not count; null when nothing does.
 */
export function percentilesOf(values: readonly unknown[], shares: readonly number[]): (number | null)[] {
  const numbers = Float64Array.from(values.filter((value) => typeof value === 'number')).toSorted();
  return shares.map((share) => numbers[Math.max(Math.ceil(share * numbers.length) - 1, 0)] ?? null);
}

/** What `$percentile` and `$median` are asked for. Throws 40414 and BadValue as MongoDB does. */
export function percentileOperands(name: '$percentile' | '$median', operand: unknown): { input: unknown; p: unknown } {
  const missing = (field: string): MongoError =>
    new MongoError(40414, `BSON field '${name}.${field}' is missing but a required field`);
  if (!isDocument(operand)) throw new MongoError(7429703, `specification must be an object; found ${name}`);
  if (!('input' in operand)) throw missing('input');
  if (!('method' in operand)) throw missing('method');
  if (operand['method'] !== 'approximate')
    throw new MongoError(2, `Currently only 'approximate' can be used as percentile 'method'.`);
  if (name === '$percentile' && !('p' in operand)) throw missing('p');
  return { input: operand['input'], p: name === '$median' ? [0.5] : operand['p'] };
}

export function assertShares(p: unknown): asserts p is readonly number[] {
  if (
    !Array.isArray(p) ||
    p.length === 0 ||
    !p.every((share) => typeof share === 'number' && share >= 0 && share <= 1)
  ) {
    throw new MongoError(7750303, `The $percentile 'p' field must be an array of numbers between 0.0 and 1.0`);
  }
}

/** `$percentile` on the list that an expression gives. */
export function percentileExpression(document: Document, operand: unknown, options: Options): unknown {
  return percentilesAt('$percentile', document, operand, options);
}

export function medianExpression(document: Document, operand: unknown, options: Options): unknown {
  return percentilesAt('$median', document, operand, options)[0] ?? null;
}

function percentilesAt(name: '$percentile' | '$median', document: Document, operand: unknown, options: Options) {
  const { input, p } = percentileOperands(name, operand);
  const shares = evalExpr(document, p, options);
  assertShares(shares);
  const values: unknown = evalExpr(document, input, options);
  return percentilesOf(Array.isArray(values) ? values : [values], shares);
}
