import { contentsOf, type IndexContents } from '#shared/history/settling/day-index.js';
import type { LlmService } from '#shared/history/history.port.js';
import { listAll, type ObjectStore } from '#shared/history/store/object-store.port.js';

/** The indexes of all users of a service. */
export async function* indexesOf(
  store: ObjectStore,
  service: LlmService,
): AsyncGenerator<IndexContents & { readonly key: string }> {
  const isIndex = new RegExp(`^users/[0-9a-f-]{36}/${service}/history/\\d{4}/\\d{2}/\\d{2}\\.jsonl$`);
  for await (const key of listAll(store, 'users/', 1_000)) {
    const found = isIndex.test(key) ? await store.get(key) : null;
    if (found) yield { key, ...contentsOf(found.bytes) };
  }
}
