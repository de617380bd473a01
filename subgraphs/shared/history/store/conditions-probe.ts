import { randomUUID } from 'node:crypto';
import { AppError } from '#shared/errors/app-error.js';
import type { ObjectStore, PutOptions } from './object-store.port.js';
import { S3Refusal } from './s3-connection.js';

const MAX_ATTEMPTS = 10;
/** Nothing has this ETag. */
const NO_ETAG = '"00000000000000000000000000000000"';
/** Answers of stores that know no conditions. */
const UNKNOWN_HEADER: ReadonlySet<number> = new Set([400, 501]);

/**
 * Whether a store honours conditional writes: a creation of what is there, and a write over an ETag that is not there, are both refused.
 * Some stores ignore the conditions and answer as if they held. Throws SERVICE_UNAVAILABLE when the store is away.
 */
export async function honoursConditions(store: ObjectStore): Promise<boolean> {
  const key = `probe/${randomUUID()}`;
  const put = (condition: Pick<PutOptions, 'create' | 'ifMatch'>): Promise<boolean> =>
    store.put(key, Buffer.from('probe'), { contentType: 'text/plain', ...condition });
  try {
    await put({});
    if ((await put({ create: true })) || (await put({ ifMatch: NO_ETAG }))) return false;
    // One that is busy may refuse what holds; one that always does cannot be written to by conditions.
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const found = await store.get(key);
      if (found && (await put({ ifMatch: found.etag }))) return true;
    }
    return false;
  } catch (error) {
    const refusal = error instanceof AppError ? error.cause : null;
    if (refusal instanceof S3Refusal && UNKNOWN_HEADER.has(refusal.status)) return false;
    throw error;
  } finally {
    await store.delete(key).catch(() => undefined);
  }
}
