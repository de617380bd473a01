import { evalExpr } from 'mingo/core';
import type { Options } from 'mingo/types';
import { MongoError } from '../errors.js';
import { isDocument, type Document } from '../values/document.js';
import { dayOfYear, isoThursday, isoWeek, weekOfYear } from './calendar.js';
import { timeOf } from './date-trunc.js';
import { offsetAt } from './time-zone.js';

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** https://www.mongodb.com/docs/manual/reference/operator/aggregation/dateToString/#format-specifiers */
const SPECIFIERS: Readonly<Record<string, (wall: Date, offsetMs: number) => string>> = {
  d: (wall) => padded(wall.getUTCDate()),
  m: (wall) => padded(wall.getUTCMonth() + 1),
  Y: (wall) => padded(wall.getUTCFullYear(), 4),
  H: (wall) => padded(wall.getUTCHours()),
  M: (wall) => padded(wall.getUTCMinutes()),
  S: (wall) => padded(wall.getUTCSeconds()),
  L: (wall) => padded(wall.getUTCMilliseconds(), 3),
  j: (wall) => padded(dayOfYear(wall), 3),
  w: (wall) => String(wall.getUTCDay() + 1),
  u: (wall) => String(wall.getUTCDay() || 7),
  U: (wall) => padded(weekOfYear(wall)),
  V: (wall) => padded(isoWeek(wall)),
  G: (wall) => padded(isoThursday(wall).getUTCFullYear(), 4),
  b: (wall) => (MONTHS[wall.getUTCMonth()] ?? '').slice(0, 3),
  B: (wall) => MONTHS[wall.getUTCMonth()] ?? '',
  z: (_wall, offsetMs) => offsetText(offsetMs),
  Z: (_wall, offsetMs) => String(offsetMs / 60_000),
  '%': () => '%',
};

/** `$dateToString`: the library knows no zone called `UTC`, and takes the ISO year for the calendar's. */
export function dateToString(document: Document, operand: unknown, options: Options): unknown {
  const given: unknown = evalExpr(document, operand, options);
  if (!isDocument(given)) throw new MongoError(18629, '$dateToString only supports an object as its argument');
  const { date, format, timezone, onNull } = given;
  if (date === null || date === undefined) return onNull ?? null;
  if (('timezone' in given && (timezone ?? null) === null) || ('format' in given && (format ?? null) === null))
    return null;
  const time = timeOf(date, '$dateToString');
  const offsetMs = offsetAt(time, timezone);
  const pattern = format ?? (offsetMs === 0 ? '%Y-%m-%dT%H:%M:%S.%LZ' : '%Y-%m-%dT%H:%M:%S.%L%z');
  if (typeof pattern !== 'string') throw new MongoError(18533, `$dateToString requires that 'format' be a string`);
  const wall = new Date(time + offsetMs);
  return pattern.replaceAll(/%(.?)/gs, (_all, name: string) => {
    const write = SPECIFIERS[name];
    if (!write) throw new MongoError(18536, `Invalid format character '%${name}' in format string`);
    return write(wall, offsetMs);
  });
}

function padded(value: number, digits = 2): string {
  return String(value).padStart(digits, '0');
}

function offsetText(offsetMs: number): string {
  const minutes = Math.abs(offsetMs) / 60_000;
  return `${offsetMs < 0 ? '-' : '+'}${padded(Math.floor(minutes / 60))}${padded(minutes % 60)}`;
}
