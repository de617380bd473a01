import { posix } from 'node:path';
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
  /** Whether an `output.json` lies beside it. */
  readonly hasOutput: boolean;
}

type Place = Pick<FoundRecord, 'key' | 'hasOutput'>;

/** All records of a bucket, oldest first, in batches. */
export async function* recordsOf(store: ObjectStore): AsyncGenerator<FoundRecord[]> {
  let places: Place[] = [];
  // Listed in order, an output comes right before its record.
  let output = '';
  for await (const key of listAll(store, 'requests/', 1_000)) {
    if (key.endsWith('/output.json')) output = key;
    if (!key.endsWith('/record.json')) continue;
    places.push({ key, hasOutput: posix.dirname(key) === posix.dirname(output) });
    if (places.length < BATCH) continue;
    yield await read(store, places);
    places = [];
  }
  if (places.length > 0) yield await read(store, places);
}

async function read(store: ObjectStore, places: readonly Place[]): Promise<FoundRecord[]> {
  return sideBySide(places, READS, async (place) => {
    try {
      const value = (await readJson(store, place.key))?.value;
      return { ...place, record: usable.safeParse(value).success ? (value as HistoryRecord) : null };
    } catch (error) {
      if (error instanceof SyntaxError) return { ...place, record: null };
      throw error;
    }
  });
}
