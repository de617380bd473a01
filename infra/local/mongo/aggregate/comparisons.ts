import { evalExpr } from 'mingo/core';
import type { Options } from 'mingo/types';
import { MongoError } from '../errors.js';
import { compareValues } from '../values/order.js';

/** Replaces the library's: values of any two types compare, in BSON's order, and a Long or Decimal128 as a number. */
export const comparisons = {
  $cmp: comparison('$cmp', (order) => Math.sign(order)),
  $eq: comparison('$eq', (order) => order === 0),
  $ne: comparison('$ne', (order) => order !== 0),
  $gt: comparison('$gt', (order) => order > 0),
  $gte: comparison('$gte', (order) => order >= 0),
  $lt: comparison('$lt', (order) => order < 0),
  $lte: comparison('$lte', (order) => order <= 0),
};

function comparison(name: string, result: (order: number) => unknown) {
  return (document: unknown, operands: unknown, options: Options): unknown => {
    if (!Array.isArray(operands) || operands.length !== 2) {
      const passed = Array.isArray(operands) ? operands.length : 1;
      throw new MongoError(16020, `Expression ${name} takes exactly 2 arguments. ${passed} were passed in.`);
    }
    const [a, b] = evalExpr(document, operands, options) as unknown[];
    return result(compareValues(a, b));
  };
}
