import { setTimeout as sleep } from 'node:timers/promises';
import { OneAtATime } from '#shared/concurrency/one-at-a-time.js';
import { AppError } from '#shared/errors/app-error.js';
import type { HistoryRecord, LlmService } from './history.port.js';
import { identityOf, indexKey } from './keys.js';
import type { ObjectStore } from './object-store.port.js';

/** A line of the index. */
export interface IndexLine {
  readonly id: string;
  /** Key of `record.json`. */
  readonly record: string;
  readonly createdAt: string;
  readonly status: number;
  readonly provider: string;
  readonly model: string;
}

const MAX_ATTEMPTS = 30;
const LONGEST_PAUSE_MS = 400;

/**
 * The index of one user's requests of one day: JSON lines, one per request. Each write is conditional on what was read,
 * so that replicas lose none of each other's lines; within this process writers of one file take turns.
 */
export class DayIndex {
  readonly #turns = new OneAtATime();

  constructor(private readonly store: ObjectStore) {}

  /** Adds a record's line unless it is there. Throws SERVICE_UNAVAILABLE when others keep winning, or the store is away. */
  async append(record: HistoryRecord): Promise<void> {
    const identity = identityOf(record.id);
    if (!identity) throw new Error('a record without an id of ours');
    const key = indexKey(record.userId, record.service, identity.createdAt);
    await this.#turns.run(key, () => this.#append(key, lineOf(record, identity.base)));
  }

  /** The lines of a day, newest request first. */
  async read(userId: string, service: LlmService, day: Date): Promise<readonly IndexLine[]> {
    const found = await this.store.get(indexKey(userId, service, day));
    return found ? linesOf(found.bytes).toSorted((a, b) => (a.id < b.id ? 1 : -1)) : [];
  }

  async #append(key: string, line: IndexLine): Promise<void> {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const found = await this.store.get(key);
      const before = found ? Buffer.from(found.bytes) : Buffer.alloc(0);
      if (linesOf(before).some(({ id }) => id === line.id)) return;
      const bytes = Buffer.concat([before, Buffer.from(`${JSON.stringify(line)}\n`)]);
      const condition = found ? { ifMatch: found.etag } : { create: true };
      if (await this.store.put(key, bytes, { contentType: 'application/jsonl', ...condition })) return;
      await sleep(Math.random() * Math.min(LONGEST_PAUSE_MS, 5 * 2 ** attempt));
    }
    throw new AppError('SERVICE_UNAVAILABLE', 'The history index is too busy.');
  }
}

function lineOf(record: HistoryRecord, base: string): IndexLine {
  const { id, createdAt, status, provider, model } = record;
  return { id, record: `${base}record.json`, createdAt, status, provider, model };
}

function linesOf(bytes: Uint8Array): IndexLine[] {
  const lines = Buffer.from(bytes).toString('utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as IndexLine);
}
