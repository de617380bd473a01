import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MongoError } from '../errors.js';
import type { Evaluate } from '../query/matcher.js';
import { Collection } from './collection.js';
import { makeDurable } from './folders.js';

const SUFFIX = '.log';
/** File systems take names of 255 bytes; the rest is for suffixes. */
const MAX_FILE_NAME_BYTES = 240;

type Collections = Map<string, Promise<Collection>>;

/** All databases below a data folder: one folder for each, one log for each collection. */
export class Databases {
  readonly #folder: string;
  readonly #evaluate: Evaluate;
  readonly #databases = new Map<string, Collections>();
  /** Files on their way out; nothing may be made in their place before they are gone. */
  #dropping: Promise<unknown> = Promise.resolve();

  private constructor(folder: string, evaluate: Evaluate) {
    this.#folder = folder;
    this.#evaluate = evaluate;
  }

  /** Reads everything. Throws an Error that names the file that cannot be read or is damaged. */
  static async open(folder: string, evaluate: Evaluate): Promise<Databases> {
    const databases = new Databases(folder, evaluate);
    await mkdir(folder, { recursive: true });
    try {
      for (const entry of await readdir(folder, { withFileTypes: true })) {
        if (entry.isDirectory()) await databases.#openDatabase(entry.name);
      }
      return databases;
    } catch (error) {
      await databases.close();
      throw error;
    }
  }

  async #openDatabase(folderName: string): Promise<void> {
    const folder = join(this.#folder, folderName);
    for (const file of await readdir(folder)) {
      // What a compaction had not finished when the process died; the log it was to replace is whole.
      if (file.endsWith('.next')) await rm(join(folder, file));
      if (!file.endsWith(SUFFIX)) continue;
      await this.getOrCreate(decodeURIComponent(folderName), decodeURIComponent(file.slice(0, -SUFFIX.length)));
    }
  }

  names(): string[] {
    return [...this.#databases].filter(([, collections]) => collections.size > 0).map(([name]) => name);
  }

  async collectionsOf(database: string): Promise<[string, Collection][]> {
    const opening = [...(this.#databases.get(database) ?? [])];
    return Promise.all(opening.map(async ([name, collection]) => [name, await collection]));
  }

  async find(database: string, name: string): Promise<Collection | undefined> {
    return this.#databases.get(database)?.get(name);
  }

  /** Throws InvalidNamespace for a name MongoDB or the file system would not take. */
  async getOrCreate(database: string, name: string): Promise<Collection> {
    const existing = this.#databases.get(database)?.get(name);
    if (existing) return existing;
    assertNames(database, name);
    const collections = this.#databases.get(database) ?? new Map<string, Promise<Collection>>();
    this.#databases.set(database, collections);
    const opening = this.#openCollection(database, name);
    collections.set(name, opening);
    return opening.catch((error: unknown) => {
      collections.delete(name);
      throw error;
    });
  }

  /** True when there was one. */
  async drop(database: string, name: string): Promise<boolean> {
    const collections = this.#databases.get(database);
    const opening = collections?.get(name);
    if (!collections?.delete(name) || !opening) return false;
    await this.#afterOtherDrops(async () => (await opening).drop());
    return true;
  }

  async dropDatabase(database: string): Promise<boolean> {
    const collections = this.#databases.get(database);
    if (!this.#databases.delete(database) || !collections) return false;
    await this.#afterOtherDrops(async () => {
      for (const collection of collections.values()) await (await collection).drop();
      await rm(this.#folderOf(database), { recursive: true, force: true });
      await makeDurable(this.#folder);
    });
    return true;
  }

  #afterOtherDrops(drop: () => Promise<void>): Promise<void> {
    const dropped = this.#dropping.then(drop);
    this.#dropping = dropped.catch(() => undefined);
    return dropped;
  }

  async close(): Promise<void> {
    for (const collections of this.#databases.values()) {
      for (const collection of collections.values()) await (await collection).close();
    }
  }

  #folderOf(database: string): string {
    return join(this.#folder, encodeURIComponent(database));
  }

  async #openCollection(database: string, name: string): Promise<Collection> {
    await this.#dropping;
    const folder = this.#folderOf(database);
    if (await mkdir(folder, { recursive: true })) await makeDurable(this.#folder);
    const path = join(folder, `${encodeURIComponent(name)}${SUFFIX}`);
    return Collection.open(path, `${database}.${name}`, this.#evaluate);
  }
}

function assertNames(database: string, collection: string): void {
  if (database === '' || /[/\\. "$*<>:|?\0]/.test(database) || encodeURIComponent(database).length > 63) {
    throw new MongoError(73, `Invalid database name: '${database}'`);
  }
  if (
    collection === '' ||
    /[$\0]/.test(collection) ||
    collection.startsWith('.') ||
    collection.endsWith('.') ||
    encodeURIComponent(collection).length > MAX_FILE_NAME_BYTES
  ) {
    throw new MongoError(73, `Invalid namespace specified '${database}.${collection}'`);
  }
}
