import { evalExpr } from 'mingo/core';
import type { Options } from 'mingo/types';
import { compareValues } from '../values/order.js';

/** The least (-1) or greatest (1) value in BSON's order, null and missing ones left out; null when there is none. */
function extremeOf(values: readonly unknown[], sign: 1 | -1): unknown {
  let best: unknown = null;
  for (const value of values) {
    if (value === null || value === undefined) continue;
    if (best === null || compareValues(value, best) * sign > 0) best = value;
  }
  return best;
}

/** `$min` and `$max` where the library calls accumulators: on its own stages' groups, and as expressions on a list. */
export function accumulateExtreme(sign: 1 | -1) {
  return (documents: unknown[], operand: unknown, options: Options): unknown => {
    const values =
      operand === null || operand === undefined
        ? documents
        : documents.map((document) => evalExpr(document, operand, options));
    return extremeOf(values, sign);
  };
}
