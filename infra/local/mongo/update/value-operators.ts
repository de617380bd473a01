import { Decimal128, Long, Timestamp } from 'bson';
import { MongoError, notImplemented } from '../errors.js';
import { isDocument } from '../values/document.js';
import { compareValues } from '../values/order.js';
import { typeName } from '../values/type-name.js';

/** The new value of a field. `undefined` stands for a field that is not there. */
export type Change = (current: unknown, operand: unknown, field: string, now: Date) => unknown;

/** The update operators that give one value a new one. */
export const VALUE_OPERATORS: Readonly<Record<string, Change>> = {
  $set: (_current, operand) => operand,
  $setOnInsert: (_current, operand) => operand,
  $inc: (current, operand, field) => calculated('$inc', current, operand, field, (a, b) => a + b),
  $mul: (current, operand, field) => calculated('$mul', current, operand, field, (a, b) => a * b),
  $min: (current, operand) => (current === undefined || compareValues(operand, current) < 0 ? operand : current),
  $max: (current, operand) => (current === undefined || compareValues(operand, current) > 0 ? operand : current),
  $currentDate: (_current, operand, field, now) => currentDate(operand, field, now),
  $bit: (current, operand, field) => bits(current, operand, field),
};

function calculated(
  name: string,
  current: unknown,
  operand: unknown,
  field: string,
  calculate: (a: number, b: number) => number,
): unknown {
  assertNumber(
    operand,
    (type) => `Cannot ${name === '$inc' ? 'increment' : 'multiply'} with non-numeric argument: {${field}: ${type}}`,
  );
  if (current === undefined) return name === '$inc' ? operand : 0;
  assertNumber(
    current,
    (type) => `Cannot apply ${name} to a value of non-numeric type. The field '${field}' is of type ${type}`,
  );
  return calculate(current, operand);
}

function assertNumber(value: unknown, message: (type: string) => string): asserts value is number {
  if (value instanceof Decimal128 || Long.isLong(value)) {
    throw notImplemented('Arithmetic on Decimal128 and on integers beyond 2^53');
  }
  if (typeof value !== 'number') throw new MongoError(14, message(typeName(value)));
}

function currentDate(operand: unknown, field: string, now: Date): unknown {
  const type = isDocument(operand) ? operand['$type'] : operand;
  if (typeof type === 'boolean' || type === 'date') return now;
  if (type === 'timestamp') return new Timestamp({ t: Math.floor(now.getTime() / 1000), i: 1 });
  throw new MongoError(2, `The '$type' string field of '${field}' is required to be 'date' or 'timestamp'`);
}

function bits(current: unknown, operand: unknown, field: string): number {
  if (!isDocument(operand)) throw new MongoError(2, `The $bit modifier is not compatible with the value of '${field}'`);
  return Object.entries(operand).reduce(
    (value, [name, mask]) => {
      if (typeof mask !== 'number' || (mask | 0) !== mask || (value | 0) !== value) {
        throw new MongoError(2, `The $bit modifier field must be an Integer(32/64 bit); field '${field}'`);
      }
      if (name === 'and') return value & mask;
      if (name === 'or') return value | mask;
      if (name === 'xor') return value ^ mask;
      throw new MongoError(2, `The $bit modifier only supports 'and', 'or', and 'xor', not '${name}'`);
    },
    bitsOf(current, field),
  );
}

function bitsOf(current: unknown, field: string): number {
  if (current === undefined) return 0;
  if (typeof current === 'number') return current;
  throw new MongoError(
    2,
    `Cannot apply $bit to a value of non-integral type: '${field}' is of type ${typeName(current)}`,
  );
}
