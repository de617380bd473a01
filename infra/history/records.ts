import { z } from 'zod';
import { LLM_SERVICES } from '#shared/events/usage-event.js';
import type { HistoryRecord } from '#shared/history/history.port.js';
import { isUserId } from '#shared/history/keys.js';
import { readJson } from '#shared/history/store/json-object.js';
import { listAll, type ObjectStore } from '#shared/history/store/object-store.port.js';
import { sideBySide } from '#shared/concurrency/side-by-side.js';

const READS = 16;
const BATCH = 500;

/** What index, events and files are made of and looked up by. */
const usable = z.looseObject({
  id: z.string(),
  userId: z.string().refine(isUserId),
  username: z.string(),
  service: z.enum(LLM_SERVICES),
  provider: z.string(),
  model: z.string(),
  status: z.int(),
  latencyMs: z.number(),
  tokens: z.looseObject({ in: z.number(), out: z.number() }),
  size: z.looseObject({ inputBytes: z.number(), outputBytes: z.number() }),
  cost: z.looseObject({ usd: z.number().nullable() }),
  createdAt: z.iso.datetime(),
  artifacts: z.record(z.string(), z.string()),
  meta: z.looseObject({
    params: z.record(z.string(), z.unknown()),
    requestId: z.string(),
    action: z.string(),
    sha256: z.record(z.string(), z.string()).optional(),
  }),
});

/** A record as it lies in the bucket; `record` is null where it is no JSON, or none of a record's form. */
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
      const value = (await readJson(store, key))?.value;
      return { key, record: usable.safeParse(value).success ? (value as HistoryRecord) : null };
    } catch (error) {
      if (error instanceof SyntaxError) return { key, record: null };
      throw error;
    }
  });
}
