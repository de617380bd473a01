import type { FileHandle } from 'node:fs/promises';
import { sideBySide } from '#shared/concurrency/side-by-side.js';
import { BucketState, type BucketEntry, type ObjectInfo } from './bucket-entry.js';
import { Journal } from './journal.js';
import { SortedKeys } from './sorted-keys.js';
import { isMissing, ObjectFiles, SYNCS_AT_ONCE } from './object-files.js';
import { S3Error } from './s3-error.js';
import { Turns } from './turns.js';

export interface WriteConditions {
  readonly ifMatch?: string | undefined;
  /** Only `*`: the key must be free. */
  readonly ifNoneMatch?: string | undefined;
}

/** Bytes up to here go into the journal, and are read and answered whole. */
const SMALL_BYTES = 64 * 1024;
/** A journal of this size is a few thousand records: some seconds to place, and no more than that in memory. */
const CHECKPOINT_BYTES = 16 * 1024 * 1024;
/** No key is empty. */
const LIFECYCLE_TURN = '';

/**
 * One bucket. The journal is the commit point of a write. A small object's bytes are in its entry, and in memory, until a
 * checkpoint puts them into the key's file; a large one's are staged before the entry is written and moved to their place
 * after it. Opening finishes what a crash interrupted.
 */
export class Bucket {
  readonly #turns = new Turns();
  /** Folders with new or removed files that are not known to be on the disk; a checkpoint syncs them. */
  readonly #changed = new Set<string>();
  /** From the first listing on. */
  #sortedKeys: SortedKeys | undefined;
  #checkpoint: Promise<void> | undefined;

  private constructor(
    private readonly state: BucketState,
    private readonly journal: Journal<BucketEntry>,
    private readonly files: ObjectFiles,
  ) {}

  static async open(folder: string, checkpointBytes = CHECKPOINT_BYTES): Promise<Bucket> {
    const state = new BucketState();
    const files = await ObjectFiles.open(folder);
    const journal = await Journal.open<BucketEntry>(folder, checkpointBytes, (entry) => state.replay(entry));
    const bucket = new Bucket(state, journal, files);
    await bucket.#finish();
    return bucket;
  }

  get lifecycle(): string | null {
    return this.state.lifecycle;
  }

  get isEmpty(): boolean {
    return this.state.objects.size === 0;
  }

  /** All keys in the order of their UTF-8 bytes, which is the order of listings. It changes with the next write. */
  keys(): readonly string[] {
    this.#sortedKeys ??= new SortedKeys(this.state.objects.keys());
    return this.#sortedKeys.keys;
  }

  get(key: string): ObjectInfo {
    const info = this.state.objects.get(key);
    if (!info) throw new S3Error('NoSuchKey', 'The specified key does not exist.');
    return info;
  }

  /** The object and its bytes, which stay those although the key is written meanwhile; a file is to be closed. */
  async open(key: string): Promise<{ info: ObjectInfo; content: Buffer | FileHandle }> {
    const unplaced = this.state.unplaced.get(key);
    if (unplaced) return { info: this.get(key), content: unplaced.bytes };
    return this.#turns.take(key, async () => {
      const info = this.get(key);
      const bytes = this.state.unplaced.get(key)?.bytes;
      if (bytes) return { info, content: bytes };
      return { info, content: await (info.size > SMALL_BYTES ? this.files.open(key) : this.files.read(key)) };
    });
  }

  async put(key: string, bytes: Uint8Array, info: ObjectInfo, conditions: WriteConditions): Promise<void> {
    await (bytes.length > SMALL_BYTES
      ? this.#putLarge(key, bytes, info, conditions)
      : this.#putSmall(key, bytes, info, conditions));
  }

  async delete(key: string): Promise<void> {
    const { objects, unplaced } = this.state;
    await this.#turns.take(key, async () => {
      if (!objects.has(key)) return;
      await this.#append({ deleted: key });
      const hasFile = !unplaced.get(key)?.isFirst;
      objects.delete(key);
      unplaced.delete(key);
      this.#sortedKeys?.delete(key);
      if (hasFile) await this.#removeFile(key);
    });
  }

  async setTags(key: string, tags: Readonly<Record<string, string>>): Promise<void> {
    await this.#turns.take(key, async () => {
      const info = { ...this.get(key), tags };
      await this.#append({ put: key, info });
      this.state.objects.set(key, info);
    });
  }

  async setLifecycle(lifecycle: string | null): Promise<void> {
    await this.#turns.take(LIFECYCLE_TURN, async () => {
      await this.#append({ lifecycle });
      this.state.lifecycle = lifecycle;
    });
  }

  /** Puts every object's bytes into its file and begins a new journal with the rest. Writes go on meanwhile. */
  checkpoint(): Promise<void> {
    this.#checkpoint ??= this.#runCheckpoint().finally(() => (this.#checkpoint = undefined));
    return this.#checkpoint;
  }

  /** Closes with all bytes in their files; where that fails, they are still in the journal. */
  async close(): Promise<void> {
    await this.#turns.ended();
    await this.#checkpoint?.catch(complain);
    if (!this.journal.isCompact) await this.checkpoint().catch(complain);
    await this.journal.close();
  }

  async #putSmall(key: string, content: Uint8Array, info: ObjectInfo, conditions: WriteConditions): Promise<void> {
    if (this.journal.isOverfull) await this.#checkpoint?.catch(() => undefined);
    // A copy of its own: a piece of a larger buffer would keep all of that in memory.
    const bytes = Buffer.from(new Uint8Array(content).buffer);
    const { objects, unplaced } = this.state;
    await this.#turns.take(key, async () => {
      this.#check(key, conditions);
      await this.#append({ put: key, info, bytes: bytes.toString('base64') });
      unplaced.set(key, { bytes, isFirst: unplaced.get(key)?.isFirst ?? !objects.has(key) });
      this.#remember(key, info);
    });
  }

  async #putLarge(key: string, bytes: Uint8Array, info: ObjectInfo, conditions: WriteConditions): Promise<void> {
    const staged = await this.files.stage(bytes);
    await this.#turns.take(key, async () => {
      try {
        this.#check(key, conditions);
      } catch (error) {
        await this.files.discard(staged);
        throw error;
      }
      // From here on the journal may name the staged bytes: they stay, whatever fails.
      await this.#append({ put: key, info, staged });
      const folder = await this.files.place(key, staged);
      this.state.unplaced.delete(key);
      this.#remember(key, info);
      await this.#sync([folder]);
    });
  }

  async #append(entry: BucketEntry): Promise<void> {
    await this.journal.append(entry);
    if (this.journal.isFull && !this.#checkpoint) this.checkpoint().catch(complain);
  }

  /**
   * The order is what makes it safe to stop anywhere: bytes are in their files, on the disk, before the base counts on
   * them, and the base is on the disk before the logs go. What is written meanwhile is in the new log and replayed last.
   */
  async #runCheckpoint(): Promise<void> {
    const sealed = await this.journal.beginLog();
    // What is in the sealed logs may be in nobody's memory yet.
    await this.#turns.ended();
    await sideBySide(this.state.unplaced.keys(), SYNCS_AT_ONCE, (key) => this.#placeSmall(key));
    await this.#syncChanged();
    await this.journal.replaceBase(sealed, entriesOf(this.state));
  }

  async #placeSmall(key: string): Promise<void> {
    const { unplaced } = this.state;
    const found = unplaced.get(key);
    if (!found) return;
    const staged = await this.files.stage(found.bytes);
    await this.#turns.take(key, async () => {
      if (unplaced.get(key) !== found) return this.files.discard(staged);
      this.#changed.add(await this.files.place(key, staged));
      unplaced.delete(key);
    });
  }

  /** Ends the moves and removals that the journal says were decided. */
  async #finish(): Promise<void> {
    const { staged, deleted } = this.state;
    for (const [key, name] of staged) {
      // Bytes that are not where they were staged were moved to their place before the process ended.
      const folder = await this.files.place(key, name).catch(nullIfMissing);
      if (folder !== null) this.#changed.add(folder);
    }
    for (const key of deleted) await this.#removeFile(key);
    await this.#syncChanged();
    staged.clear();
    deleted.clear();
    await this.files.clearStaging();
  }

  async #syncChanged(): Promise<void> {
    const changed = [...this.#changed];
    this.#changed.clear();
    await this.#sync(changed);
  }

  async #sync(folders: readonly string[]): Promise<void> {
    try {
      await this.files.sync(folders);
    } catch (error) {
      for (const folder of folders) this.#changed.add(folder);
      throw error;
    }
  }

  async #removeFile(key: string): Promise<void> {
    const folder = await this.files.remove(key);
    if (folder !== null) this.#changed.add(folder);
  }

  #check(key: string, { ifMatch, ifNoneMatch }: WriteConditions): void {
    const current = this.state.objects.get(key);
    if (ifMatch !== undefined && !current) throw new S3Error('NoSuchKey', 'The specified key does not exist.');
    const holds =
      (ifMatch === undefined || ifMatch === '*' || unquoted(ifMatch) === current?.etag) &&
      (ifNoneMatch === undefined || !current);
    if (!holds)
      throw new S3Error('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold.');
  }

  #remember(key: string, info: ObjectInfo): void {
    if (!this.state.objects.has(key)) this.#sortedKeys?.add(key);
    this.state.objects.set(key, info);
  }
}

/** All that a bucket is, for the base of its journal. */
function* entriesOf({ lifecycle, objects }: BucketState): Iterable<BucketEntry> {
  if (lifecycle !== null) yield { lifecycle };
  for (const [put, info] of objects) yield { put, info };
}

export function unquoted(etag: string): string {
  return etag.replace(/^"(.*)"$/, '$1');
}

function nullIfMissing(error: unknown): null {
  if (isMissing(error)) return null;
  throw error;
}

function complain(error: unknown): void {
  process.stderr.write(
    `s3 engine: a checkpoint failed; the journal keeps what it would have stored: ${String(error)}\n`,
  );
}
