import { MongoError } from '../errors.js';
import { compileFilter, elementTest, isOperators, type Evaluate } from '../query/matcher.js';
import { sorted } from '../query/sort.js';
import { isDocument, type Document } from '../values/document.js';
import { compareForSort } from '../values/order.js';
import { typeName } from '../values/type-name.js';
import { keyOf } from '../values/value-key.js';

export type ArrayChange = (current: unknown, operand: unknown, field: string, evaluate: Evaluate) => unknown;

/** The update operators of arrays. */
export const ARRAY_OPERATORS: Readonly<Record<string, ArrayChange>> = {
  $push: (current, operand, field) => push(arrayOf('$push', current, field), operand),
  $addToSet: (current, operand, field) => addToSet(arrayOf('$addToSet', current, field), operand),
  $pop: (current, operand, field) => pop(current, operand, field),
  $pull: (current, operand, field, evaluate) => {
    if (current === undefined) return undefined;
    const passes = pullTest(operand, evaluate);
    return arrayOf('$pull', current, field).filter((element) => !passes(element));
  },
  $pullAll: (current, operand, field) => {
    if (!Array.isArray(operand))
      throw new MongoError(2, `$pullAll requires an array argument but was given a ${typeName(operand)}`);
    if (current === undefined) return undefined;
    const unwanted = new Set(operand.map(keyOf));
    return arrayOf('$pullAll', current, field).filter((element) => !unwanted.has(keyOf(element)));
  },
};

function arrayOf(name: string, current: unknown, field: string): unknown[] {
  if (current === undefined) return [];
  if (Array.isArray(current)) return current;
  throw new MongoError(
    2,
    `Cannot apply ${name} to a non-array value: the field '${field}' is of type ${typeName(current)}`,
  );
}

const PUSH_MODIFIERS = ['$each', '$slice', '$sort', '$position'];

function push(current: readonly unknown[], operand: unknown): unknown[] {
  if (!isDocument(operand) || !('$each' in operand)) return [...current, operand];
  const unknown = Object.keys(operand).find((name) => !PUSH_MODIFIERS.includes(name));
  if (unknown) throw new MongoError(2, `Unrecognized clause in $push: ${unknown}`);
  const { $each: added, $position: position, $slice: slice, $sort: order } = operand;
  if (!Array.isArray(added)) throw new MongoError(2, 'The argument to $each in $push must be an array');
  const list = [...current];
  list.splice(wholeNumber('$position', position) ?? list.length, 0, ...(added as unknown[]));
  const ordered = order === undefined ? list : sortedList(list, order);
  const size = wholeNumber('$slice', slice);
  if (size === undefined) return ordered;
  return size < 0 ? ordered.slice(size) : ordered.slice(0, size);
}

function wholeNumber(name: string, value: unknown): number | undefined {
  if (value === undefined || Number.isInteger(value)) return value as number | undefined;
  throw new MongoError(2, `The value for ${name} must be an integer value`);
}

function sortedList(list: readonly unknown[], order: unknown): unknown[] {
  if (isDocument(order)) {
    const wrapped = list.map((element): Document => ({ element }));
    const below = Object.fromEntries(Object.entries(order).map(([field, by]) => [`element.${field}`, by]));
    return sorted(wrapped, below).map(({ element }) => element);
  }
  if (order === 1 || order === -1) return list.toSorted((a, b) => compareForSort(a, b) * order);
  throw new MongoError(2, 'The $sort element value must be either 1 or -1');
}

function addToSet(current: readonly unknown[], operand: unknown): unknown[] {
  const each = isDocument(operand) && '$each' in operand ? operand['$each'] : [operand];
  if (!Array.isArray(each)) throw new MongoError(14, 'The argument to $each in $addToSet must be an array');
  const present = new Set(current.map(keyOf));
  const list = [...current];
  for (const element of each as unknown[]) {
    const key = keyOf(element);
    if (!present.has(key)) list.push(element);
    present.add(key);
  }
  return list;
}

function pop(current: unknown, operand: unknown, field: string): unknown {
  if (operand !== 1 && operand !== -1) throw new MongoError(9, '$pop expects 1 or -1');
  if (current === undefined) return undefined;
  if (!Array.isArray(current)) {
    throw new MongoError(14, `Path '${field}' contains an element of non-array type '${typeName(current)}'`);
  }
  return operand === 1 ? current.slice(0, -1) : current.slice(1);
}

function pullTest(operand: unknown, evaluate: Evaluate): (element: unknown) => boolean {
  if (isDocument(operand)) {
    const test = elementTest(operand, evaluate);
    return isOperators(operand) ? test : (element) => isDocument(element) && test(element);
  }
  const matches = compileFilter({ element: operand instanceof RegExp ? operand : { $eq: operand } }, evaluate);
  return (element) => matches({ element });
}
