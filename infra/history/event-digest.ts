import type { DeliverableEvent } from '#shared/events/usage-event.js';
import { canonicalJson } from '#shared/history/commit/canonical-json.js';
import { sha256Hex } from '#shared/history/commit/sha256.js';

/**
 * SHA-256 of all that an event says, the same for what a record becomes and for what analytics made of it: analytics stores ids in
 * lower case and times as numbers, and a database keeps no half of a surrogate pair, as a name that was cut short may end with.
 */
export function eventDigest(event: DeliverableEvent): string {
  const { ts, userId, requestId } = event;
  const stored = {
    ...event,
    ts: new Date(ts).toISOString(),
    userId: userId.toLowerCase(),
    requestId: requestId.toLowerCase(),
  };
  const wellFormed: unknown = JSON.parse(JSON.stringify(stored), (_key, value: unknown) =>
    typeof value === 'string' ? value.toWellFormed() : value,
  );
  return sha256Hex(Buffer.from(canonicalJson(wellFormed)));
}
