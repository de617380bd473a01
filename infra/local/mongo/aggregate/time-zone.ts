import { MongoError } from '../errors.js';

const FORMATS = new Map<string, Intl.DateTimeFormat>();
const OFFSET = /^([+-])(\d{2}):?(\d{2})?$/;
const MINUTE_MS = 60_000;

/** How far a zone (`Europe/Madrid`, `UTC`, `+05:30`) is ahead of UTC at an instant, in ms. Throws 40485 for no zone. */
export function offsetAt(timeMs: number, zone: unknown): number {
  if (zone === undefined || zone === null || zone === 'UTC' || zone === 'GMT') return 0;
  if (typeof zone !== 'string') throw new MongoError(40517, 'timezone must evaluate to a string');
  const fixed = OFFSET.exec(zone);
  if (fixed) return (fixed[1] === '-' ? -1 : 1) * (Number(fixed[2]) * 60 + Number(fixed[3] ?? 0)) * MINUTE_MS;
  const wall = wallClock(timeMs, formatOf(zone));
  return wall - Math.floor(timeMs / 1000) * 1000;
}

/** The instant at which a zone's clocks show a time (given as if it were UTC); the later of two, the skipped one moved on. */
export function instantOf(wallMs: number, zone: unknown): number {
  const guess = wallMs - offsetAt(wallMs, zone);
  return wallMs - offsetAt(guess, zone);
}

function wallClock(timeMs: number, format: Intl.DateTimeFormat): number {
  const part: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(timeMs)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  const wall = new Date(Date.UTC(2000, month - 1, day, hour, minute, second));
  return wall.setUTCFullYear(year, month - 1, day);
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = FORMATS.get(zone);
  if (known) return known;
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    FORMATS.set(zone, format);
    return format;
  } catch {
    throw new MongoError(40485, `unrecognized time zone identifier: "${zone}"`);
  }
}
