import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, unlink, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sideBySide } from '#shared/concurrency/side-by-side.js';
import { syncFolder } from './journal-files.js';
import { keyPath } from './key-path.js';

/** Folders that are known to outlast a power cut; more are not remembered, only synced again. */
const MAX_LASTING = 10_000;
/** Of the four threads that Node has for files, so that requests find one. */
export const SYNCS_AT_ONCE = 3;

/** The files of one bucket: each key's bytes at its own path, and those that are not in place yet in `.staging`. */
export class ObjectFiles {
  readonly #lasting = new Set<string>();

  private constructor(private readonly folder: string) {}

  static async open(folder: string): Promise<ObjectFiles> {
    const files = new ObjectFiles(folder);
    await mkdir(files.#staging, { recursive: true, mode: 0o700 });
    return files;
  }

  async clearStaging(): Promise<void> {
    await rm(this.#staging, { recursive: true, force: true });
    await mkdir(this.#staging, { mode: 0o700 });
  }

  read(key: string): Promise<Buffer> {
    return readFile(this.#fileOf(key));
  }

  open(key: string): Promise<FileHandle> {
    return open(this.#fileOf(key), 'r');
  }

  /** Puts bytes on the disk, not yet in their place; returns the name to place them by. */
  async stage(bytes: Uint8Array): Promise<string> {
    const name = randomUUID();
    const file = await open(join(this.#staging, name), 'wx', 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    return name;
  }

  async discard(staged: string): Promise<void> {
    await rm(join(this.#staging, staged), { force: true });
  }

  /** Moves staged bytes to their key's place. Returns the folder, which is to be synced. */
  async place(key: string, staged: string): Promise<string> {
    const [from, to] = [join(this.#staging, staged), this.#fileOf(key)];
    try {
      await rename(from, to);
    } catch (error) {
      if (!isMissing(error)) throw error;
      await mkdir(dirname(to), { recursive: true });
      await rename(from, to);
    }
    return dirname(to);
  }

  /** Returns the folder that a file was removed from, or null where there was none. */
  async remove(key: string): Promise<string | null> {
    const path = this.#fileOf(key);
    try {
      await unlink(path);
      return dirname(path);
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  /** Makes what was placed in, or removed from, folders survive a power cut, with the folders themselves. */
  async sync(folders: Iterable<string>): Promise<void> {
    const all = new Set<string>();
    for (let folder of folders) {
      while (!all.has(folder)) {
        all.add(folder);
        if (folder !== this.folder && !this.#lasting.has(folder)) folder = dirname(folder);
      }
    }
    await sideBySide(all, SYNCS_AT_ONCE, syncFolder);
    if (this.#lasting.size > MAX_LASTING) this.#lasting.clear();
    for (const folder of all) this.#lasting.add(folder);
  }

  get #staging(): string {
    return join(this.folder, '.staging');
  }

  #fileOf(key: string): string {
    return join(this.folder, keyPath(key));
  }
}

export function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
