/** Clocks differ, and the database deletes when it comes to it. */
const MARGIN_MS = 5 * 60_000;
const DAY_MS = 86_400_000;

/** Whether an event of this time (ISO 8601) may have been deleted for its age. */
export type IsPastTtl = (ts: string) => boolean;

/** By EVENTS_TTL_DAYS of the analytics service; without it events stay for ever. */
export function pastTtl(days: number | undefined, now: () => Date): IsPastTtl {
  if (days === undefined) return () => false;
  return (ts) => now().getTime() - Date.parse(ts) > days * DAY_MS - MARGIN_MS;
}
