import type { AppError } from '#shared/errors/app-error.js';
import { pauseAfterLoss } from './contention-pause.js';
import type { ObjectStore, PutOptions } from './object-store.port.js';
import { storeUnavailable } from './store-unavailable.js';

/** A store may refuse a creation because of a write of the same key that then comes to nothing. */
const MAX_ATTEMPTS = 12;

/**
 * Creates an object, or finds one that is there: null when it was created, or else the other's bytes. They may be those of this very
 * write, which the store carried out and whose answer was lost. Throws SERVICE_UNAVAILABLE.
 */
export async function createObject(
  store: ObjectStore,
  key: string,
  bytes: Uint8Array,
  options: Pick<PutOptions, 'contentType' | 'tags'>,
): Promise<Uint8Array | null> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    if (await store.put(key, bytes, { ...options, create: true })) return null;
    const found = await store.get(key);
    if (found) return found.bytes;
    await pauseAfterLoss(attempt);
  }
  throw creationRefused(key);
}

export function creationRefused(key: string): AppError {
  return storeUnavailable(new Error(`the store refuses to create ${key}`));
}
