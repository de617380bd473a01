import type { HistoryRecord } from '#shared/history/history.port.js';
import { identityOf } from '#shared/history/keys.js';
import type { ObjectStore } from '#shared/history/store/object-store.port.js';
import { sha256Hex } from '#shared/history/commit/sha256.js';
import type { FoundRecord } from './records.js';

/** Older artifacts may have been expired by the bucket's lifecycle rule. */
const ARTIFACTS_LAST_MS = 180 * 86_400_000;

export interface CheckedRecord {
  readonly faults: readonly string[];
  readonly files: number;
  readonly expired: number;
}

/** What is wrong with a record and with the files that it names. */
export async function checkRecord(
  store: ObjectStore,
  { key, record, hasOutput }: FoundRecord,
  now: Date,
): Promise<CheckedRecord> {
  const identity = record && identityOf(record.id);
  if (!identity) return { faults: ['record.json is damaged'], files: 0, expired: 0 };
  const faults = `${identity.base}record.json` === key ? [] : ['record.json lies under another id'];
  let [files, expired] = [0, 0];
  for (const [name, file] of filesOf(record, identity.base, hasOutput)) {
    const found = await store.get(file);
    const sha256 = record.meta.sha256?.[name];
    if (found) {
      files += 1;
      if (sha256 === undefined) faults.push(`${name} has no SHA-256 in record.json`);
      else if (sha256Hex(found.bytes) !== sha256) faults.push(`${name} has another SHA-256`);
      continue;
    }
    if (name !== 'input' && now.getTime() - identity.createdAt.getTime() > ARTIFACTS_LAST_MS) expired += 1;
    else faults.push(`${name} is not there`);
  }
  return { faults, files, expired };
}

/**
 * Its input, its artifacts, and the `output.json` that it says it has or that lies there. Beside the record of a failure one may lie
 * that is none of its files: the process died, or lost its store, after it was written.
 */
function filesOf({ artifacts, meta, status }: HistoryRecord, base: string, hasOutput: boolean): Map<string, string> {
  const files = new Map(Object.entries(artifacts));
  files.set('input', `${base}input.json`);
  const isExpected = (hasOutput && status < 400) || meta.sha256?.['output'] !== undefined;
  if (isExpected && !files.has('output')) files.set('output', `${base}output.json`);
  return files;
}
