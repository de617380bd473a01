import { evalExpr } from 'mingo/core';
import type { Options } from 'mingo/types';
import { isDocument, type Document } from '../values/document.js';
import { dayOfYear, isoThursday, isoWeek, weekOfYear } from './calendar.js';
import { timeOf } from './date-trunc.js';
import { offsetAt } from './time-zone.js';

/** One part of a date, in a time zone where one is given: by the same clock as `$dateToString` and `$dateTrunc`. */
export const dateParts = {
  $year: part('$year', (wall) => wall.getUTCFullYear()),
  $month: part('$month', (wall) => wall.getUTCMonth() + 1),
  $dayOfMonth: part('$dayOfMonth', (wall) => wall.getUTCDate()),
  $dayOfWeek: part('$dayOfWeek', (wall) => wall.getUTCDay() + 1),
  $dayOfYear: part('$dayOfYear', dayOfYear),
  $week: part('$week', weekOfYear),
  $isoDayOfWeek: part('$isoDayOfWeek', (wall) => wall.getUTCDay() || 7),
  $isoWeek: part('$isoWeek', isoWeek),
  $isoWeekYear: part('$isoWeekYear', (wall) => isoThursday(wall).getUTCFullYear()),
  $hour: part('$hour', (wall) => wall.getUTCHours()),
  $minute: part('$minute', (wall) => wall.getUTCMinutes()),
  $second: part('$second', (wall) => wall.getUTCSeconds()),
  $millisecond: part('$millisecond', (wall) => wall.getUTCMilliseconds()),
};

function part(name: string, read: (wall: Date) => number) {
  return (document: unknown, operand: unknown, options: Options): number | null => {
    const given: unknown = evalExpr(document, operand, options);
    const { date, timezone }: Document = isDocument(given) ? given : { date: Array.isArray(given) ? given[0] : given };
    if (date === null || date === undefined) return null;
    if (isDocument(given) && 'timezone' in given && (timezone ?? null) === null) return null;
    const time = timeOf(date, name);
    return read(new Date(time + offsetAt(time, timezone)));
  };
}
