import { z } from 'zod';
import { OneAtATime } from '#shared/concurrency/one-at-a-time.js';
import { AppError } from '#shared/errors/app-error.js';
import type { Logger } from '#shared/logging/logger.js';
import type { HistoryRecord, LlmService } from '../history.port.js';
import { identityOf, indexKey } from '../keys.js';
import { pauseAfterLoss } from '../store/contention-pause.js';
import type { ObjectStore } from '../store/object-store.port.js';

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

/** A line, and the key of the index that it belongs to. */
export interface PlacedLine {
  readonly indexKey: string;
  readonly line: IndexLine;
}

/** What an index holds. */
export interface IndexContents {
  /** In the order in which they were added. */
  readonly lines: readonly IndexLine[];
  /** Numbers, from 1, of lines that are none of ours: cut short, or written by somebody else. */
  readonly unreadable: readonly number[];
}

const MAX_ATTEMPTS = 30;
const LINE_END = 0x0a;

const indexLine = z.looseObject({
  id: z.string().refine((id) => identityOf(id) !== null),
  record: z.string(),
  createdAt: z.iso.datetime(),
  status: z.int(),
  provider: z.string(),
  model: z.string(),
});

/**
 * The index of one user's requests of one day: JSON lines, one per request. Each write is conditional on what was read,
 * so that replicas lose none of each other's lines; within this process writers of one file take turns. A line that cannot be
 * read is passed over, and stays as it is until `history:reindex`.
 */
export class DayIndex {
  readonly #turns = new OneAtATime();

  constructor(
    private readonly store: ObjectStore,
    private readonly log?: Logger,
  ) {}

  /** Adds a record's line; see {@link add}. */
  async append(record: HistoryRecord): Promise<void> {
    const { indexKey: key, line } = placedLineOf(record);
    await this.add(key, [line]);
  }

  /**
   * Adds to one index, in one write, those lines that it does not have. Throws SERVICE_UNAVAILABLE when others keep winning,
   * or the store is away.
   */
  async add(key: string, lines: readonly IndexLine[]): Promise<void> {
    await this.#turns.run(key, () => this.#add(key, lines));
  }

  /** The lines of a day, newest request first. */
  async read(userId: string, service: LlmService, day: Date): Promise<readonly IndexLine[]> {
    const key = indexKey(userId, service, day);
    const found = await this.store.get(key);
    if (!found) return [];
    const { lines, unreadable } = contentsOf(found.bytes);
    if (unreadable.length > 0) this.log?.warn({ key, lines: unreadable.length }, 'lines of an index cannot be read');
    return lines.toSorted((a, b) => (a.id < b.id ? 1 : -1));
  }

  async #add(key: string, lines: readonly IndexLine[]): Promise<void> {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const found = await this.store.get(key);
      const before = found ? Buffer.from(found.bytes) : Buffer.alloc(0);
      const known = new Set(linesOf(before).map(({ id }) => id));
      const added = lines.filter(({ id }) => !known.has(id) && known.add(id));
      if (added.length === 0) return;
      const bytes = Buffer.concat([ended(before), ...added.map((line) => Buffer.from(`${JSON.stringify(line)}\n`))]);
      const condition = found ? { ifMatch: found.etag } : { create: true };
      if (await this.store.put(key, bytes, { contentType: 'application/jsonl', ...condition })) return;
      await pauseAfterLoss(attempt);
    }
    throw new AppError('SERVICE_UNAVAILABLE', 'The history index is too busy.');
  }
}

/** A record's line and where it belongs. Throws for a record that is none of ours. */
export function placedLineOf(record: HistoryRecord): PlacedLine {
  const identity = identityOf(record.id);
  if (!identity) throw new Error('a record without an id of ours');
  const { id, userId, service, createdAt, status, provider, model } = record;
  const line = { id, record: `${identity.base}record.json`, createdAt, status, provider, model };
  return { indexKey: indexKey(userId, service, identity.createdAt), line };
}

/** The lines of an index that can be read, in the order in which they were added. */
export function linesOf(bytes: Uint8Array): readonly IndexLine[] {
  return contentsOf(bytes).lines;
}

/** Reads an index as far as it can be read. */
export function contentsOf(bytes: Uint8Array): IndexContents {
  const lines: IndexLine[] = [];
  const unreadable: number[] = [];
  for (const [at, text] of Buffer.from(bytes).toString('utf8').split('\n').entries()) {
    const line = text === '' ? undefined : lineOf(text);
    if (line) lines.push(line);
    else if (line === null) unreadable.push(at + 1);
  }
  return { lines, unreadable };
}

/** As it stands there, with whatever else is in it; null for what is no line of ours. */
function lineOf(text: string): IndexLine | null {
  try {
    const value: unknown = JSON.parse(text);
    return indexLine.safeParse(value).success ? (value as IndexLine) : null;
  } catch {
    return null;
  }
}

/** What was cut short must not take the next line with it. */
function ended(bytes: Buffer): Buffer {
  const last = bytes.at(-1);
  return last === undefined || last === LINE_END ? bytes : Buffer.concat([bytes, Buffer.of(LINE_END)]);
}
