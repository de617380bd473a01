import { v7 } from 'uuid';
import type { LlmService, RecordIdentity } from './history.port.js';
import { sha256Hex } from './commit/sha256.js';

/** The keys of §3.3 of the original specification. Every part of one is an id that we made or checked. */

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const LATEST_MS = Date.UTC(9999, 11, 31);

export const OUTBOX_PREFIX = 'outbox/';
export const CLAIMS_PREFIX = 'idempotency/';

/** A new request's identity: a UUID of version 7 (RFC 9562 §5.7), whose time is also the date in its keys. */
export function newIdentity(createdAt: Date): RecordIdentity {
  const id = v7({ msecs: createdAt.getTime() });
  return { id, createdAt, base: baseOf(id, createdAt) };
}

/** The identity that an id stands for; null when it is none of ours. */
export function identityOf(id: string): RecordIdentity | null {
  if (!UUID_V7.test(id)) return null;
  const createdAt = new Date(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16));
  return createdAt.getTime() > LATEST_MS ? null : { id, createdAt, base: baseOf(id, createdAt) };
}

export function outboxKey(id: string): string {
  return `${OUTBOX_PREFIX}${id}.json`;
}

/** The id of an outbox entry's request; null for a key that is none. */
export function outboxId(key: string): string | null {
  return /^outbox\/(.+)\.json$/.exec(key)?.[1] ?? null;
}

/** The claim that a user's idempotency key makes; the key itself, a client's words, is part of no key of ours. */
export function claimKey(userId: string, idempotencyKey: string): string {
  if (!isUserId(userId)) throw new Error('no key has a user id that is not a UUID in lower case');
  return `${CLAIMS_PREFIX}${userId}/${sha256Hex(idempotencyKey)}.json`;
}

/** Whether a text can be a user's id, and so be part of a key. */
export function isUserId(text: string): boolean {
  return UUID.test(text);
}

/** Where the index of a user's requests lies. Throws for what is no user's id: a mistake of ours, as tokens carry nothing else. */
export function indexPrefix(userId: string, service: LlmService): string {
  if (!isUserId(userId)) throw new Error('no key has a user id that is not a UUID in lower case');
  return `users/${userId}/${service}/history/`;
}

/** The index of a user's requests of one day (UTC). */
export function indexKey(userId: string, service: LlmService, day: Date): string {
  return `${indexPrefix(userId, service)}${datePath(day)}.jsonl`;
}

function baseOf(id: string, createdAt: Date): string {
  return `requests/${datePath(createdAt)}/${id}/`;
}

function datePath(day: Date): string {
  return day.toISOString().slice(0, 10).replaceAll('-', '/');
}
