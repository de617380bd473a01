import { linesOf } from '#shared/history/settling/day-index.js';
import type { LlmService } from '#shared/history/history.port.js';
import { listAll, type ObjectStore } from '#shared/history/store/object-store.port.js';
import type { IndexLine } from '#shared/history/settling/day-index.js';

/** The indexes of all users of a service: key → lines, and the ETag they were read under. */
export async function* indexesOf(
  store: ObjectStore,
  service: LlmService,
): AsyncGenerator<{ key: string; etag: string; lines: readonly IndexLine[] }> {
  const isIndex = new RegExp(`^users/[0-9a-f-]{36}/${service}/history/\\d{4}/\\d{2}/\\d{2}\\.jsonl$`);
  for await (const key of listAll(store, 'users/', 1_000)) {
    const found = isIndex.test(key) ? await store.get(key) : null;
    if (found) yield { key, etag: found.etag, lines: linesOf(found.bytes) };
  }
}
