import { Decimal128, Long } from 'bson';
import { evalExpr } from 'mingo/core';
import type { Options } from 'mingo/types';
import { MongoError, notImplemented } from '../errors.js';
import type { Document } from '../values/document.js';
import { compareValues } from '../values/order.js';
import { keyOf } from '../values/value-key.js';
import { compileExpression, type Expression } from './compile-expression.js';
import { assertShares, percentileOperands, percentilesOf } from './percentile.js';

/** Gathers one output field of one group. */
export interface Accumulator {
  add(document: Document): void;
  result(): unknown;
}

type MakeAccumulator = () => Accumulator;

/** Compiles `{ $sum: '$x' }` once; each group then makes its own. The rarer ones are left to the library. */
export function compileAccumulator(name: string, operand: unknown, options: Options): MakeAccumulator {
  if (name === '$percentile' || name === '$median') return percentile(name, operand, options);
  if (name === '$count') return () => new Sum(() => 1);
  const make = BY_NAME[name];
  if (!make) return () => new Library({ [name]: operand }, options);
  if (Array.isArray(operand)) throw new MongoError(40237, `The ${name} accumulator is a unary operator`);
  const input = compileExpression(operand, options);
  return () => make(input);
}

const BY_NAME: Readonly<Record<string, (input: Expression) => Accumulator>> = {
  $sum: (input) => new Sum(input),
  $avg: (input) => new Average(input),
  $min: (input) => new Extreme(input, -1),
  $max: (input) => new Extreme(input, 1),
  $push: (input) => new List(input),
  $addToSet: (input) => new DistinctValues(input),
  $first: (input) => new First(input),
  $last: (input) => new Last(input),
};

/** Neumaier's compensated summation: MongoDB, too, adds doubles with more than a double's precision. */
class Sum implements Accumulator {
  count = 0;
  readonly #input: Expression;
  #sum = 0;
  #lost = 0;

  constructor(input: Expression) {
    this.#input = input;
  }

  add(document: Document): void {
    const value = this.#input(document);
    if (typeof value !== 'number') {
      refuseOtherNumbers(value);
      return;
    }
    const sum = this.#sum + value;
    this.#lost += Math.abs(this.#sum) >= Math.abs(value) ? this.#sum - sum + value : value - sum + this.#sum;
    this.#sum = sum;
    this.count += 1;
  }

  result(): number {
    return Number.isFinite(this.#lost) ? this.#sum + this.#lost : this.#sum;
  }
}

/** Left out, they would make a wrong sum; and a double could not hold the right one. */
function refuseOtherNumbers(value: unknown): void {
  if (value instanceof Decimal128 || Long.isLong(value)) {
    throw notImplemented('Arithmetic on Decimal128 and on integers beyond 2^53');
  }
}

class Average implements Accumulator {
  readonly #sum: Sum;

  constructor(input: Expression) {
    this.#sum = new Sum(input);
  }

  add(document: Document): void {
    this.#sum.add(document);
  }

  result(): number | null {
    return this.#sum.count === 0 ? null : this.#sum.result() / this.#sum.count;
  }
}

class Extreme implements Accumulator {
  readonly #input: Expression;
  readonly #sign: 1 | -1;
  #best: unknown = null;

  constructor(input: Expression, sign: 1 | -1) {
    this.#input = input;
    this.#sign = sign;
  }

  add(document: Document): void {
    const value = this.#input(document);
    if (value === null || value === undefined) return;
    if (this.#best === null || compareValues(value, this.#best) * this.#sign > 0) this.#best = value;
  }

  result(): unknown {
    return this.#best;
  }
}

class List implements Accumulator {
  readonly #input: Expression;
  readonly #values: unknown[] = [];

  constructor(input: Expression) {
    this.#input = input;
  }

  add(document: Document): void {
    const value = this.#input(document);
    if (value !== undefined) this.#values.push(value);
  }

  result(): unknown[] {
    return this.#values;
  }
}

class DistinctValues implements Accumulator {
  readonly #input: Expression;
  readonly #values = new Map<string, unknown>();

  constructor(input: Expression) {
    this.#input = input;
  }

  add(document: Document): void {
    const value = this.#input(document);
    if (value === undefined) return;
    const key = keyOf(value);
    if (!this.#values.has(key)) this.#values.set(key, value);
  }

  result(): unknown[] {
    return [...this.#values.values()];
  }
}

class First implements Accumulator {
  readonly #input: Expression;
  #value: { readonly first: unknown } | undefined;

  constructor(input: Expression) {
    this.#input = input;
  }

  add(document: Document): void {
    this.#value ??= { first: this.#input(document) ?? null };
  }

  result(): unknown {
    return this.#value?.first ?? null;
  }
}

class Last implements Accumulator {
  readonly #input: Expression;
  #value: unknown = null;

  constructor(input: Expression) {
    this.#input = input;
  }

  add(document: Document): void {
    this.#value = this.#input(document) ?? null;
  }

  result(): unknown {
    return this.#value;
  }
}

/** Keeps the group and has the library work on it at the end. */
class Library implements Accumulator {
  readonly #expression: Document;
  readonly #options: Options;
  readonly #documents: Document[] = [];

  constructor(expression: Document, options: Options) {
    this.#expression = expression;
    this.#options = options;
  }

  add(document: Document): void {
    this.#documents.push(document);
  }

  result(): unknown {
    return evalExpr(this.#documents, this.#expression, this.#options);
  }
}

function percentile(name: '$percentile' | '$median', operand: unknown, options: Options): MakeAccumulator {
  const { input, p } = percentileOperands(name, operand);
  const shares = evalExpr({}, p, options);
  assertShares(shares);
  const value = compileExpression(input, options);
  return () => {
    const values = new List(value);
    return {
      add: (document) => values.add(document),
      result: () => {
        const found = percentilesOf(values.result(), shares);
        return name === '$median' ? (found[0] ?? null) : found;
      },
    };
  };
}
