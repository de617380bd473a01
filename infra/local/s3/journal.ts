import { open, readFile, rename, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * One JSON line per change, on the disk before the change is acknowledged. Changes that come while one is being written
 * share the next sync.
 */
export class Journal<Entry> {
  #waiting: { line: string; done: () => void; failed: (error: unknown) => void }[] = [];
  #writing: Promise<void> | undefined;

  private constructor(private readonly file: FileHandle) {}

  /** Opens a journal, hands over what it holds, and rewrites it as the entries that `live` then gives. */
  static async open<Entry>(
    path: string,
    replay: (entry: Entry) => void,
    live: () => Iterable<Entry>,
  ): Promise<Journal<Entry>> {
    for (const line of await wholeLines(path)) replay(JSON.parse(line) as Entry);
    const next = await open(`${path}.next`, 'w', 0o600);
    for (const entry of live()) await next.write(`${JSON.stringify(entry)}\n`);
    await next.sync();
    await rename(`${path}.next`, path);
    await syncFolder(dirname(path));
    return new Journal(next);
  }

  /** Resolves once the entry is on the disk. */
  append(entry: Entry): Promise<void> {
    return new Promise((done, failed) => {
      this.#waiting.push({ line: `${JSON.stringify(entry)}\n`, done, failed });
      this.#writing ??= this.#write();
    });
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.file.close();
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await this.file.write(batch.map(({ line }) => line).join(''));
        await this.file.datasync();
        for (const { done } of batch) done();
      } catch (error) {
        for (const { failed } of batch) failed(error);
      }
    }
    this.#writing = undefined;
  }
}

/** Makes renames and new files in a folder survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A last line without its end was being written when the process died, and was not acknowledged. */
async function wholeLines(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const lines = text.split('\n');
  lines.pop();
  return lines.map((line, at) => {
    if (isJson(line)) return line;
    throw new Error(`${path} is damaged at line ${at + 1}.`);
  });
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
