import DataLoader from 'dataloader';
import type { ObjectStore } from '#shared/history/store/object-store.port.js';

export type SummaryTextLoader = DataLoader<string, string | null>;

/** Summaries by their keys, each read once a request; null where the file has expired. */
export function createSummaryTextLoader(store: ObjectStore): SummaryTextLoader {
  return new DataLoader((keys) =>
    Promise.all(
      keys.map(async (key) => {
        const found = await store.get(key);
        return found && Buffer.from(found.bytes).toString('utf8');
      }),
    ),
  );
}
