import { randomUUID } from 'node:crypto';
import { AppError } from '#shared/errors/app-error.js';
import type { ObjectStore, PutOptions } from './object-store.port.js';

/** Nothing has this ETag. */
const NO_ETAG = '"00000000000000000000000000000000"';
/** Answers of stores that know no conditions. */
const UNKNOWN_HEADER: ReadonlySet<number | undefined> = new Set([400, 501]);

/**
 * Whether a store honours conditional writes: a second creation, and a write over an ETag that is not there, are both refused.
 * Some stores ignore the conditions and answer as if they held. Throws SERVICE_UNAVAILABLE when the store is away.
 */
export async function honoursConditions(store: ObjectStore): Promise<boolean> {
  const key = `probe/${randomUUID()}`;
  const put = (condition: Pick<PutOptions, 'create' | 'ifMatch'>): Promise<boolean> =>
    store.put(key, Buffer.from('probe'), { contentType: 'text/plain', ...condition });
  try {
    const created = await put({ create: true });
    const createdAgain = await put({ create: true });
    const found = await store.get(key);
    const wronglyMatched = await put({ ifMatch: NO_ETAG });
    const matched = found !== null && (await put({ ifMatch: found.etag }));
    return created && !createdAgain && !wronglyMatched && matched;
  } catch (error) {
    if (error instanceof AppError && UNKNOWN_HEADER.has(statusOf(error.cause))) return false;
    throw error;
  } finally {
    await store.delete(key).catch(() => undefined);
  }
}

function statusOf(cause: unknown): number | undefined {
  return (cause as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode;
}
