import type { ObjectStore } from './object-store.port.js';

export const JSON_TYPE = 'application/json';

/** JSON as it lies in the history: for people to read too. */
export function jsonBytes(value: unknown): Uint8Array {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
}

/** The JSON of an object with its ETag; null when there is no such object. */
export async function readJson(store: ObjectStore, key: string): Promise<{ value: unknown; etag: string } | null> {
  const found = await store.get(key);
  return found && { value: JSON.parse(Buffer.from(found.bytes).toString('utf8')) as unknown, etag: found.etag };
}
