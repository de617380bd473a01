import type { HistoryRecord } from '#shared/history/history.port.js';
import { readJson } from '#shared/history/store/json-object.js';
import { listAll, type ObjectStore } from '#shared/history/store/object-store.port.js';
import { sideBySide } from '#shared/concurrency/side-by-side.js';

const READS = 16;
const BATCH = 500;

/** A record as it lies in the bucket; `record` is null where it is no JSON. */
export interface FoundRecord {
  readonly key: string;
  readonly record: HistoryRecord | null;
}

/** All records of a bucket, oldest first, in batches. */
export async function* recordsOf(store: ObjectStore): AsyncGenerator<FoundRecord[]> {
  let keys: string[] = [];
  for await (const key of listAll(store, 'requests/', 1_000)) {
    if (!key.endsWith('/record.json')) continue;
    keys.push(key);
    if (keys.length < BATCH) continue;
    yield await read(store, keys);
    keys = [];
  }
  if (keys.length > 0) yield await read(store, keys);
}

async function read(store: ObjectStore, keys: readonly string[]): Promise<FoundRecord[]> {
  return sideBySide(keys, READS, async (key) => {
    try {
      const found = await readJson(store, key);
      return { key, record: found && (found.value as HistoryRecord) };
    } catch (error) {
      if (error instanceof SyntaxError) return { key, record: null };
      throw error;
    }
  });
}
