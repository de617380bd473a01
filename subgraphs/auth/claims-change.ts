import { raw } from '@mikro-orm/core';
import type { UserRow } from './entities/user.entity.js';

/** When what access tokens say of a user last changed; null for never. */
export function lastChangeOf({
  roleChangedAt,
  promptStorageChangedAt,
}: Pick<UserRow, 'roleChangedAt' | 'promptStorageChangedAt'>): Date | null {
  if (!roleChangedAt || !promptStorageChangedAt) return roleChangedAt ?? promptStorageChangedAt;
  return roleChangedAt > promptStorageChangedAt ? roleChangedAt : promptStorageChangedAt;
}

/**
 * Seconds since the epoch, inclusive: tokens issued until then may say what held before the change. That is a second more than
 * the change itself, as a token may be signed by what was read just before.
 */
export function outdatedUntilSec(changedAt: Date | null): number {
  return changedAt ? Math.floor(changedAt.getTime() / 1000) + 1 : 0;
}

/**
 * The time of a change, for an update: a second after the last one at least. Tokens from after a change are dated ahead of the
 * clock; the next change must come after those, too, to end them.
 */
export function timeOfChange(now: Date) {
  return raw<Date>(
    `greatest(?::timestamptz, role_changed_at + interval '1 second', prompt_storage_changed_at + interval '1 second')`,
    [now.toISOString()],
  );
}
