import { open, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { cutTo, readLines, syncFolder } from './journal-files.js';

const BASE = '.journal';
const LOG = /^\.journal-(\d+)$/;
const OVERFULL = 4;
const CHUNK_CHARS = 256 * 1024;

/** First line of a base: which logs it already holds. A base without it comes from before there were logs. */
interface Included {
  readonly included: number;
}

interface Waiting {
  readonly line: string;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

interface NextLog {
  readonly done: (sealed: number) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * A write-ahead log of one JSON line per change, on the disk before the change is acknowledged. Changes that come while
 * one is being written share the next sync. It is `.journal`, the base, and after it the logs `.journal-1`, `.journal-2`, …,
 * of which the last is written. `beginLog` and `replaceBase` keep it short; replayed in that order, and even twice, the
 * entries must give the same state.
 */
export class Journal<Entry extends object> {
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  /** Asked of the writer, so that no log is begun while the one before it is being written. */
  #nextLog: NextLog | undefined;
  #broken: Error | undefined;
  #file!: FileHandle;
  #log = 0;
  #logBytes = 0;
  #oldest = 0;
  #baseBytes = 0;

  private constructor(
    private readonly folder: string,
    private readonly limitBytes: number,
  ) {}

  /** Opens a journal and hands over what it holds. Throws an Error that names the file where it is damaged. */
  static async open<Entry extends object>(
    folder: string,
    limitBytes: number,
    replay: (entry: Entry) => void,
  ): Promise<Journal<Entry>> {
    const journal = new Journal<Entry>(folder, limitBytes);
    await rm(join(folder, `${BASE}.next`), { force: true });
    const logs = await logsIn(folder);
    let included = 0;
    const base = await readLines(join(folder, BASE), logs.length === 0, (line) => {
      const entry = line as Entry | Included;
      if ('included' in entry) ({ included } = entry);
      else replay(entry);
    });
    if (logs.length === 0) await cutTo(join(folder, BASE), base);
    journal.#baseBytes = base;
    for (const log of logs.filter((number) => number <= included)) await rm(journal.#pathOf(log));
    await journal.#readLogs(
      logs.filter((number) => number > included),
      included,
      replay,
    );
    return journal;
  }

  /** Whether the last log has grown so long that it should be made part of the base. */
  get isFull(): boolean {
    return this.#logBytes > Math.max(this.limitBytes, this.#baseBytes);
  }

  /** Whether it grows faster than it is made part of the base; writers are then to wait for that. */
  get isOverfull(): boolean {
    return this.#logBytes > OVERFULL * Math.max(this.limitBytes, this.#baseBytes);
  }

  /** Whether everything is in the base. */
  get isCompact(): boolean {
    return this.#logBytes === 0 && this.#oldest === this.#log;
  }

  /** Resolves once the entry is on the disk. Rejects where that is not so, or not known. */
  append(entry: Entry): Promise<void> {
    return new Promise((done, failed) => {
      this.#waiting.push({ line: `${JSON.stringify(entry)}\n`, done, failed });
      this.#writing ??= this.#write();
    });
  }

  /** Begins a new log; resolves to the number of the one before, whose entries are all on the disk. */
  beginLog(): Promise<number> {
    return new Promise((done, failed) => {
      this.#nextLog = { done, failed };
      this.#writing ??= this.#write();
    });
  }

  /**
   * Makes `entries` the base, instead of the base and the logs up to `sealed`. They may be read while newer entries are
   * appended, and then may or may not show them: those are replayed after the base.
   */
  async replaceBase(sealed: number, entries: Iterable<Entry>): Promise<void> {
    const path = join(this.folder, BASE);
    const next = await open(`${path}.next`, 'w', 0o600);
    try {
      for (const chunk of chunks<Entry | Included>([{ included: sealed }], entries)) await next.appendFile(chunk);
      await next.sync();
      this.#baseBytes = (await next.stat()).size;
    } finally {
      await next.close();
    }
    await rename(`${path}.next`, path);
    await syncFolder(this.folder);
    for (; this.#oldest <= sealed; this.#oldest += 1) await rm(this.#pathOf(this.#oldest), { force: true });
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#file.close();
  }

  #pathOf(log: number): string {
    return join(this.folder, `${BASE}-${log}`);
  }

  async #readLogs(logs: readonly number[], included: number, replay: (entry: Entry) => void): Promise<void> {
    this.#oldest = included + 1;
    for (const [at, log] of logs.entries()) {
      if (log !== this.#oldest + at) throw new Error(`${this.#pathOf(this.#oldest + at)} is missing.`);
      this.#logBytes = await readLines(this.#pathOf(log), log === logs.at(-1), (line) => replay(line as Entry));
    }
    const last = logs.at(-1);
    if (last === undefined) return this.#create(this.#oldest);
    this.#log = last;
    this.#file = await open(this.#pathOf(last), 'a', 0o600);
    await this.#cutBack();
  }

  async #create(log: number): Promise<void> {
    // One that is there already was begun and never written.
    await rm(this.#pathOf(log), { force: true });
    const file = await open(this.#pathOf(log), 'ax', 0o600);
    try {
      await syncFolder(this.folder);
    } catch (error) {
      await file.close();
      throw error;
    }
    this.#file = file;
    this.#log = log;
    this.#logBytes = 0;
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0 || this.#nextLog) {
      if (this.#nextLog) await this.#turnOver(this.#nextLog);
      const batch = this.#waiting;
      this.#waiting = [];
      if (batch.length > 0) await this.#writeBatch(batch);
    }
    this.#writing = undefined;
  }

  async #turnOver({ done, failed }: NextLog): Promise<void> {
    this.#nextLog = undefined;
    try {
      if (this.#broken) throw this.#broken;
      const [before, sealed] = [this.#file, this.#log];
      await this.#create(sealed + 1);
      await before.close();
      done(sealed);
    } catch (error) {
      failed(error);
    }
  }

  async #writeBatch(batch: readonly Waiting[]): Promise<void> {
    try {
      if (this.#broken) throw this.#broken;
      const bytes = Buffer.from(batch.map(({ line }) => line).join(''));
      await this.#file.appendFile(bytes);
      await this.#file.datasync();
      this.#logBytes += bytes.length;
      for (const { done } of batch) done();
    } catch (error) {
      if (!this.#broken) await this.#cutBack().catch((cause: unknown) => this.#break(cause));
      for (const { failed } of batch) failed(error);
    }
  }

  /** Takes off what a failed or interrupted write left behind, so that what follows is not part of it. */
  async #cutBack(): Promise<void> {
    await this.#file.truncate(this.#logBytes);
    await this.#file.datasync();
  }

  #break(cause: unknown): void {
    this.#broken = new Error(`${this.#pathOf(this.#log)} cannot be written; a restart is needed.`, { cause });
  }
}

async function logsIn(folder: string): Promise<number[]> {
  const numbers = (await readdir(folder)).map((name) => Number(LOG.exec(name)?.[1]));
  return numbers.filter((number) => !Number.isNaN(number)).toSorted((a, b) => a - b);
}

/** Lines of entries in pieces of a size that neither holds up other work nor takes many writes. */
function* chunks<Entry>(...lists: Iterable<Entry>[]): Iterable<string> {
  let chunk = '';
  for (const list of lists) {
    for (const entry of list) {
      chunk += `${JSON.stringify(entry)}\n`;
      if (chunk.length < CHUNK_CHARS) continue;
      yield chunk;
      chunk = '';
    }
  }
  yield chunk;
}
