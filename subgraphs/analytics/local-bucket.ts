import { badInput } from '#shared/errors/app-error.js';

/**
 * Counting by local days and hours. The database counts by quarters of an hour of UTC and this folds them: since 2012
 * every zone's offset and every change of one lies on a quarter hour (IANA time zone database), so no quarter is in two buckets. It is
 * done here because engines disagree on `$dateTrunc` with a time zone, and each brings time zones of its own.
 */
export const SLOT_MS = 15 * 60_000;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** No local day has been longer than this, in slots. */
const LONGEST_DAY_SLOTS = (27 * HOUR_MS) / SLOT_MS;

/** Local time as if it were UTC, in milliseconds since the epoch. */
export type LocalClock = (instantMs: number) => number;

/** The clock of an IANA time zone. Throws BAD_USER_INPUT that names `timezone` for anything else. */
export function localClock(timezone: string): LocalClock {
  const format = formatOf(timezone);
  if (format.resolvedOptions().timeZone === 'UTC') return (instantMs) => instantMs;
  return (instantMs) => {
    const parts: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
    for (const { type, value } of format.formatToParts(instantMs)) parts[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second);
  };
}

/** Where the local day or hour of an instant begins. */
export type BucketStart = (instantMs: number) => number;

/**
 * Finds the first instant of the bucket that an instant is in: on a day without a midnight, that is when the day does
 * begin. An hour that is there twice, when clocks go back, is two buckets.
 * It remembers the last bucket, so it is quickest when asked in rising order.
 */
export function bucketStarts(bucket: 'day' | 'hour', clock: LocalClock): BucketStart {
  const nameOf = bucket === 'day' ? dayName(clock) : hourName(clock);
  let current = { name: '', start: Number.NaN };
  return (instantMs) => {
    const slotMs = Math.floor(instantMs / SLOT_MS) * SLOT_MS;
    const name = nameOf(slotMs);
    if (name !== current.name) current = { name, start: firstOf(name, slotMs, nameOf) };
    return current.start;
  };
}

type BucketName = (instantMs: number) => string;

function dayName(clock: LocalClock): BucketName {
  return (instantMs) => String(Math.floor(clock(instantMs) / DAY_MS));
}

function hourName(clock: LocalClock): BucketName {
  return (instantMs) => {
    const localMs = clock(instantMs);
    return `${Math.floor(localMs / HOUR_MS)} at ${localMs - instantMs}`;
  };
}

/** Binary search: going back from `slotMs`, the slots of the same name come first, and then no more. */
function firstOf(name: string, slotMs: number, nameOf: BucketName): number {
  let inside = 0;
  let outside = LONGEST_DAY_SLOTS;
  while (outside - inside > 1) {
    const middle = Math.floor((inside + outside) / 2);
    if (nameOf(slotMs - middle * SLOT_MS) === name) inside = middle;
    else outside = middle;
  }
  return slotMs - inside * SLOT_MS;
}

function formatOf(timezone: string): Intl.DateTimeFormat {
  // Intl takes offsets such as "+05:30" too, also such that no quarter hour fits.
  if (!/^[A-Za-z][\w+/-]{0,63}$/.test(timezone)) throw unknownTimezone();
  try {
    return new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn', {
      timeZone: timezone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch (cause) {
    if (cause instanceof RangeError) throw unknownTimezone();
    throw cause;
  }
}

function unknownTimezone() {
  return badInput('timezone', 'isTimezone', 'timezone must be an IANA time zone, such as "Europe/Madrid".');
}
