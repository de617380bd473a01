import type { DeliverableEvent } from '#shared/events/usage-event.js';

/**
 * What usage must say, computed the plain way from the events themselves: no aggregation, no quarter hours, money in
 * whole millionths of a dollar.
 */
type Key = (event: DeliverableEvent) => string;

export function within(events: readonly DeliverableEvent[], from: Date, to: Date): DeliverableEvent[] {
  return events.filter(({ ts }) => new Date(ts) >= from && new Date(ts) <= to);
}

export function grouped(events: readonly DeliverableEvent[], key: Key): [string, DeliverableEvent[]][] {
  return Object.entries(Object.groupBy(events, key)).map(([name, group]) => [name, group ?? []]);
}

/** Groups by size, the largest first, equal ones by name. */
export function ranked(events: readonly DeliverableEvent[], key: Key): [string, DeliverableEvent[]][] {
  return grouped(events, key).toSorted(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1));
}

export function sumOf(events: readonly DeliverableEvent[], measure: (event: DeliverableEvent) => number): number {
  return events.reduce((sum, event) => sum + measure(event), 0);
}

export function usdOf(events: readonly DeliverableEvent[]): number {
  return sumOf(events, ({ cost }) => Math.round((cost.usd ?? 0) * 1e6)) / 1e6;
}

export function errorRateOf(events: readonly DeliverableEvent[]): number {
  return events.length === 0 ? 0 : events.filter(({ status }) => status >= 400).length / events.length;
}

/** Engines choose between neighbours or interpolate: a percentile lies between the values on either side of its rank. */
export function percentileBounds(events: readonly DeliverableEvent[], p: number): [number, number] {
  const sorted = events.map(({ latencyMs }) => latencyMs).toSorted((a, b) => a - b);
  const low = Math.max(0, Math.floor(p * (sorted.length - 1)) - 1);
  const high = Math.min(sorted.length - 1, Math.ceil(p * sorted.length));
  return [sorted[low] ?? Number.NaN, sorted[high] ?? Number.NaN];
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** The first minute of the local day or hour, found by walking back, hour by hour and then minute by minute. */
export function localStart(ts: string, bucket: 'day' | 'hour', timeZone: string): string {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    dateStyle: undefined,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    ...(bucket === 'hour' && { hour: '2-digit', hourCycle: 'h23', timeZoneName: 'longOffset' }),
  });
  let start = Math.floor(Date.parse(ts) / MINUTE_MS) * MINUTE_MS;
  const name = format.format(start);
  for (const step of [HOUR_MS, MINUTE_MS]) while (format.format(start - step) === name) start -= step;
  return new Date(start).toISOString();
}
