/** Parts of a date that JavaScript has no name for. `wall` is what a zone's clocks show, as if it were UTC. */
const DAY_MS = 86_400_000;

export function dayOfYear(wall: Date): number {
  const midnight = Date.UTC(wall.getUTCFullYear(), wall.getUTCMonth(), wall.getUTCDate());
  return Math.round((midnight - Date.UTC(wall.getUTCFullYear(), 0, 1)) / DAY_MS) + 1;
}

/** The Thursday of a date's ISO week, which decides the week's year and number (ISO 8601). */
export function isoThursday(wall: Date): Date {
  return new Date(wall.getTime() + (4 - (wall.getUTCDay() || 7)) * DAY_MS);
}

/** The number of the ISO week: 1 is the week with the year's first Thursday. */
export function isoWeek(wall: Date): number {
  return Math.ceil(dayOfYear(isoThursday(wall)) / 7);
}

/** Weeks begin on Sunday; the days before the first one are in week 0. */
export function weekOfYear(wall: Date): number {
  return Math.floor((dayOfYear(wall) + 6 - wall.getUTCDay()) / 7);
}
