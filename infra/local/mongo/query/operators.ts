import { MongoError } from '../errors.js';
import { compareValues, rankOf, sameValue } from '../values/order.js';
import { TYPE_NUMBERS, typeName } from '../values/type-name.js';
import { keyOf } from '../values/value-key.js';
import { withOptions } from './regex.js';

/**
 * A test on the value a path leads to: on the value as it is (`whole`), on it and on each of its elements (`each`);
 * `none` passes when not all the inner ones do, `every` when each of them does.
 */
export type LeafTest =
  | { readonly kind: 'whole' | 'each'; readonly test: (leaf: unknown) => boolean }
  | { readonly kind: 'none' | 'every'; readonly of: readonly LeafTest[] };

/** Equality as in a filter: null also matches what is missing. */
export function equalTo(wanted: unknown): LeafTest {
  if (wanted === null || wanted === undefined) return each((leaf) => leaf === null || leaf === undefined);
  if (typeof wanted === 'string' || typeof wanted === 'boolean') return each((leaf) => leaf === wanted);
  if (wanted instanceof RegExp) return each((leaf) => sameValue(leaf, wanted));
  if (wanted instanceof Date) {
    const time = wanted.getTime();
    return each((leaf) => leaf instanceof Date && leaf.getTime() === time);
  }
  return each((leaf) => sameValue(leaf, wanted));
}

/** The operators of one field that need nothing but their operand. */
export const OPERATORS: Readonly<Record<string, (operand: unknown) => LeafTest>> = {
  $eq: equalTo,
  $ne: (operand) => ({ kind: 'none', of: [equalTo(operand)] }),
  $gt: (operand) => ordered(operand, (order) => order > 0, false),
  $gte: (operand) => ordered(operand, (order) => order >= 0, true),
  $lt: (operand) => ordered(operand, (order) => order < 0, false),
  $lte: (operand) => ordered(operand, (order) => order <= 0, true),
  $in: (operand) => oneOf('$in', operand),
  $nin: (operand) => ({ kind: 'none', of: [oneOf('$nin', operand)] }),
  $exists: (operand) => exists(operand),
  $type: ofType,
  $size: (operand) => {
    if (!Number.isInteger(operand)) throw new MongoError(2, 'Failed to parse $size. Expected an integer');
    if (Number(operand) < 0) throw new MongoError(2, 'Failed to parse $size. Expected a non-negative number');
    return { kind: 'whole', test: (leaf) => Array.isArray(leaf) && leaf.length === operand };
  },
  $mod: (operand) => {
    const [divisor, remainder] = modOperands(operand);
    return each((leaf) => typeof leaf === 'number' && Math.trunc(leaf) % divisor === remainder);
  },
  $regex: (operand) => {
    const pattern = withOptions(operand, undefined);
    return each((leaf) => typeof leaf === 'string' && pattern.test(leaf));
  },
};

function each(test: (leaf: unknown) => boolean): LeafTest {
  return { kind: 'each', test };
}

/** Only values of the operand's own kind compare with it; null compares with what is missing. */
function ordered(operand: unknown, passes: (order: number) => boolean, orEqual: boolean): LeafTest {
  if (operand instanceof RegExp) throw new MongoError(2, `Can't have RegEx as arg to predicate over field.`);
  if (operand === null || operand === undefined) return orEqual ? equalTo(null) : each(() => false);
  if (operand instanceof Date) {
    const time = operand.getTime();
    return each((leaf) => leaf instanceof Date && passes(leaf.getTime() - time));
  }
  if (typeof operand === 'number' && Number.isNaN(operand)) return orEqual ? equalTo(operand) : each(() => false);
  const rank = rankOf(operand);
  return each((leaf) => rankOf(leaf) === rank && !Number.isNaN(leaf) && passes(compareValues(leaf, operand)));
}

function oneOf(name: string, operand: unknown): LeafTest {
  if (!Array.isArray(operand)) throw new MongoError(2, `${name} needs an array`);
  const patterns = operand.filter((wanted) => wanted instanceof RegExp).map((wanted) => withOptions(wanted, undefined));
  const keys = new Set(operand.map(keyOf));
  if (keys.has('null')) keys.add('missing');
  return each(
    (leaf) => keys.has(keyOf(leaf)) || (typeof leaf === 'string' && patterns.some((pattern) => pattern.test(leaf))),
  );
}

function exists(operand: unknown): LeafTest {
  const present: LeafTest = { kind: 'whole', test: (leaf) => leaf !== undefined };
  const wanted = operand !== false && operand !== 0 && operand !== null;
  return wanted ? present : { kind: 'none', of: [present] };
}

const NUMBER_TYPES = ['int', 'long', 'double', 'decimal'];

function ofType(operand: unknown): LeafTest {
  const wanted = new Set((Array.isArray(operand) ? operand : [operand]).flatMap(typeNamesOf));
  const test = (leaf: unknown): boolean => wanted.has(typeName(leaf));
  return wanted.has('array') ? { kind: 'each', test } : each(test);
}

function typeNamesOf(wanted: unknown): string[] {
  if (wanted === 'number') return NUMBER_TYPES;
  const name =
    typeof wanted === 'number' ? Object.keys(TYPE_NUMBERS).find((key) => TYPE_NUMBERS[key] === wanted) : wanted;
  if (typeof name === 'string' && name in TYPE_NUMBERS) return [name];
  throw typeof wanted === 'string'
    ? new MongoError(2, `Unknown type name alias: ${wanted}`)
    : new MongoError(2, `Invalid numerical type code: ${String(wanted)}`);
}

function modOperands(operand: unknown): [number, number] {
  const [divisor, remainder]: unknown[] = Array.isArray(operand) ? operand : [];
  if (typeof divisor !== 'number' || typeof remainder !== 'number') {
    throw new MongoError(2, 'malformed mod, needs to be an array of two numbers');
  }
  if (Math.trunc(divisor) === 0) throw new MongoError(2, 'divisor cannot be 0');
  return [Math.trunc(divisor), Math.trunc(remainder)];
}
