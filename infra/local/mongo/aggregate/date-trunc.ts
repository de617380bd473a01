import { ObjectId } from 'bson';
import { evalExpr } from 'mingo/core';
import type { Options } from 'mingo/types';
import { MongoError } from '../errors.js';
import { isDocument, type Document } from '../values/document.js';
import { instantOf, offsetAt } from './time-zone.js';

const SPAN_MS: Readonly<Record<string, number>> = {
  millisecond: 1,
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 7 * 86_400_000,
};
const MONTHS: Readonly<Record<string, number>> = { month: 1, quarter: 3, year: 12 };
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
/** Bins are counted from here: https://www.mongodb.com/docs/manual/reference/operator/aggregation/dateTrunc/ */
const REFERENCE_MS = Date.UTC(2000, 0, 1);
const REFERENCE_WEEKDAY = 6;

/** `$dateTrunc`, in a time zone where one is given: the library adds days to UTC instead of the zone's calendar. */
export function dateTrunc(document: Document, operand: unknown, options: Options): Date | null {
  const given: unknown = evalExpr(document, operand, options);
  if (!isDocument(given)) throw new MongoError(5439007, '$dateTrunc only supports an object as its argument');
  const { date, unit, timezone, binSize = 1, startOfWeek = 'sunday' } = given;
  if ([date, unit, binSize, startOfWeek].some((value) => value === null || value === undefined)) return null;
  if ('timezone' in given && (timezone === null || timezone === undefined)) return null;
  const time = timeOf(date, '$dateTrunc');
  if (!Number.isInteger(binSize) || Number(binSize) < 1) {
    throw new MongoError(
      5439018,
      `$dateTrunc requires 'binSize' to be greater than 0, but got value ${String(binSize)}`,
    );
  }
  const wall = time + offsetAt(time, timezone);
  return new Date(truncated({ time, wall, unit: String(unit), bin: Number(binSize), startOfWeek, timezone }));
}

/** The time of a date, or of an ObjectId, in ms. */
export function timeOf(date: unknown, operator: string): number {
  if (date instanceof Date) return date.getTime();
  if (date instanceof ObjectId) return date.getTimestamp().getTime();
  throw new MongoError(5439012, `${operator} requires 'date' to be a date`);
}

interface Truncation {
  readonly time: number;
  /** What the zone's clocks show at `time`, as if it were UTC. */
  readonly wall: number;
  readonly unit: string;
  readonly bin: number;
  readonly startOfWeek: unknown;
  readonly timezone: unknown;
}

function truncated({ time, wall, unit, bin, startOfWeek, timezone }: Truncation): number {
  const months = MONTHS[unit];
  if (months !== undefined) return instantOf(monthsDown(wall, months * bin), timezone);
  const span = SPAN_MS[unit];
  if (span === undefined) throw new MongoError(9, `unknown time unit value: ${unit}`);
  if (unit === 'day' || unit === 'week') {
    const reference = unit === 'week' ? REFERENCE_MS + daysToWeekStart(startOfWeek) * 86_400_000 : REFERENCE_MS;
    return instantOf(down(wall, span * bin, reference), timezone);
  }
  // Hours and below are lengths of time: an hour that a zone repeats stays two hours.
  const reference = REFERENCE_MS - offsetAt(REFERENCE_MS, timezone);
  return down(time, span * bin, reference);
}

function down(time: number, step: number, reference: number): number {
  return reference + Math.floor((time - reference) / step) * step;
}

function monthsDown(wall: number, step: number): number {
  const date = new Date(wall);
  const months = (date.getUTCFullYear() - 2000) * 12 + date.getUTCMonth();
  return new Date(REFERENCE_MS).setUTCMonth(Math.floor(months / step) * step);
}

function daysToWeekStart(startOfWeek: unknown): number {
  const day = WEEKDAYS.indexOf(String(startOfWeek).toLowerCase().slice(0, 3));
  if (day === -1) throw new MongoError(9, `unknown day of week value: ${String(startOfWeek)}`);
  return (day - REFERENCE_WEEKDAY + 7) % 7;
}
