import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Journal, syncFolder } from './journal.js';
import { keyPath } from './key-path.js';
import { S3Error } from './s3-error.js';

export interface ObjectInfo {
  readonly etag: string;
  readonly size: number;
  readonly lastModifiedMs: number;
  readonly contentType: string;
  /** `x-amz-meta-*`, without the prefix. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

export interface WriteConditions {
  readonly ifMatch?: string | undefined;
  /** Only `*`: the key must be free. */
  readonly ifNoneMatch?: string | undefined;
}

type Entry =
  /** `staged` is where the bytes are until they are moved to their place. */
  | { readonly put: string; readonly info: ObjectInfo; readonly staged?: string }
  | { readonly deleted: string }
  | { readonly lifecycle: string | null };

/**
 * One bucket: the bytes of each key in a file of its own, everything else in memory and in a journal. The journal is the
 * commit point of a write; bytes that it names and that are not in place yet are moved there, also after a crash.
 */
export class Bucket {
  readonly #objects = new Map<string, ObjectInfo>();
  readonly #turns = new Map<string, Promise<unknown>>();
  #sortedKeys: string[] | undefined;
  #journal!: Journal<Entry>;
  lifecycle: string | null = null;

  private constructor(private readonly folder: string) {}

  static async open(folder: string): Promise<Bucket> {
    const bucket = new Bucket(folder);
    await mkdir(bucket.#staging, { recursive: true, mode: 0o700 });
    const staged = new Map<string, string>();
    bucket.#journal = await Journal.open<Entry>(
      join(folder, '.journal'),
      (entry) => {
        if ('put' in entry) bucket.#objects.set(entry.put, entry.info);
        if ('put' in entry && entry.staged) staged.set(entry.put, entry.staged);
        if ('deleted' in entry) bucket.#objects.delete(entry.deleted);
        if ('lifecycle' in entry) bucket.lifecycle = entry.lifecycle;
      },
      () => bucket.#entries(staged),
    );
    for (const [key, name] of staged) if (bucket.#objects.has(key)) await bucket.#place(key, name).catch(unlessPlaced);
    await rm(bucket.#staging, { recursive: true, force: true });
    await mkdir(bucket.#staging, { mode: 0o700 });
    return bucket;
  }

  get isEmpty(): boolean {
    return this.#objects.size === 0;
  }

  /** All keys in the order of their UTF-8 bytes, which is the order of listings. */
  keys(): readonly string[] {
    this.#sortedKeys ??= [...this.#objects.keys()].toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    return this.#sortedKeys;
  }

  find(key: string): ObjectInfo | undefined {
    return this.#objects.get(key);
  }

  get(key: string): ObjectInfo {
    const info = this.#objects.get(key);
    if (!info) throw new S3Error('NoSuchKey', 'The specified key does not exist.');
    return info;
  }

  /** The object and its bytes, which stay those although the key is written meanwhile. */
  async open(key: string): Promise<{ info: ObjectInfo; file: FileHandle }> {
    return this.#inTurn(key, async () => {
      const info = this.get(key);
      return { info, file: await open(this.#fileOf(key), 'r') };
    });
  }

  async put(key: string, bytes: Uint8Array, info: ObjectInfo, conditions: WriteConditions): Promise<void> {
    const staged = randomUUID();
    const file = await open(join(this.#staging, staged), 'wx', 0o600);
    await file.writeFile(bytes);
    await file.sync();
    await file.close();
    try {
      await this.#inTurn(key, async () => {
        this.#check(key, conditions);
        await this.#journal.append({ put: key, info, staged });
        await this.#place(key, staged);
        this.#remember(key, info);
      });
    } finally {
      await rm(join(this.#staging, staged), { force: true });
    }
  }

  async delete(key: string): Promise<void> {
    await this.#inTurn(key, async () => {
      if (!this.#objects.has(key)) return;
      await this.#journal.append({ deleted: key });
      await rm(this.#fileOf(key), { force: true });
      this.#objects.delete(key);
      this.#sortedKeys = undefined;
    });
  }

  async setTags(key: string, tags: Readonly<Record<string, string>>): Promise<void> {
    await this.#inTurn(key, async () => {
      const info = { ...this.get(key), tags };
      await this.#journal.append({ put: key, info });
      this.#objects.set(key, info);
    });
  }

  async setLifecycle(lifecycle: string | null): Promise<void> {
    await this.#journal.append({ lifecycle });
    this.lifecycle = lifecycle;
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#turns.values());
    await this.#journal.close();
  }

  get #staging(): string {
    return join(this.folder, '.staging');
  }

  #fileOf(key: string): string {
    return join(this.folder, keyPath(key));
  }

  *#entries(staged: ReadonlyMap<string, string>): Iterable<Entry> {
    if (this.lifecycle !== null) yield { lifecycle: this.lifecycle };
    for (const [key, info] of this.#objects) {
      const name = staged.get(key);
      yield { put: key, info, ...(name !== undefined && { staged: name }) };
    }
  }

  #check(key: string, { ifMatch, ifNoneMatch }: WriteConditions): void {
    const current = this.#objects.get(key);
    if (ifMatch !== undefined && !current) throw new S3Error('NoSuchKey', 'The specified key does not exist.');
    const holds =
      (ifMatch === undefined || ifMatch === '*' || unquoted(ifMatch) === current?.etag) &&
      (ifNoneMatch === undefined || !current);
    if (!holds)
      throw new S3Error('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold.');
  }

  async #place(key: string, staged: string): Promise<void> {
    const file = this.#fileOf(key);
    await mkdir(dirname(file), { recursive: true });
    await rename(join(this.#staging, staged), file);
    await syncFolder(dirname(file));
  }

  #remember(key: string, info: ObjectInfo): void {
    if (!this.#objects.has(key)) this.#sortedKeys = undefined;
    this.#objects.set(key, info);
  }

  /** One at a time per key, in the order of asking. */
  async #inTurn<T>(key: string, run: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(key) ?? Promise.resolve();
    const turn = before.then(run, run);
    this.#turns.set(key, turn);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(key) === turn) this.#turns.delete(key);
    }
  }
}

export function unquoted(etag: string): string {
  return etag.replace(/^"(.*)"$/, '$1');
}

/** Bytes that are not where they were staged were moved to their place before the process ended. */
function unlessPlaced(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}

export async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
