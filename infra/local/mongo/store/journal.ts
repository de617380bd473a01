import { open, readFile, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { frameOf, scanFrames, type Change } from './frames.js';
import { makeDurable } from './folders.js';

/** What a compaction writes: all that is alive now. */
export interface Snapshot {
  readonly liveBytes: number;
  changes(): Iterable<Change>;
}

/** A log is rewritten once it is this many times its living part, and not before it is this large. */
const COMPACT_FACTOR = 4;
const COMPACT_MIN_BYTES = 1024 * 1024;
const SNAPSHOT_FRAME_BYTES = 1024 * 1024;

/**
 * An append-only log of changes. Those that come while others are being written share the next write and sync.
 * After a failed write nothing more is taken: memory is then ahead of the disk, and only a restart mends that.
 */
export class Journal {
  readonly #path: string;
  readonly #snapshot: Snapshot;
  #file: FileHandle;
  #size: number;
  #pending: Change[] = [];
  #noted = 0;
  #durable = 0;
  #writing: Promise<void> | undefined;
  #broken: Error | undefined;

  private constructor(path: string, snapshot: Snapshot, file: FileHandle, size: number) {
    this.#path = path;
    this.#snapshot = snapshot;
    this.#file = file;
    this.#size = size;
  }

  /**
   * Opens or creates a log and hands over what it holds. An interrupted last write is cut off, with a line on stderr;
   * throws an Error that names the file when it is damaged elsewhere or cannot be read.
   */
  static async open(path: string, replay: (change: Change) => void, snapshot: Snapshot): Promise<Journal> {
    const log = await readLog(path);
    const { wholeBytes, damagedAt } = scan(path, log, replay);
    if (damagedAt !== undefined) {
      throw new Error(
        `${path} is damaged at byte ${damagedAt}, and intact data follows. It was left as it is; restore it from a copy, or move it away to start without it.`,
      );
    }
    const file = await open(path, 'a', 0o600);
    if (wholeBytes < log.length) {
      process.stderr.write(
        `mongo engine: ${path}: the last write was interrupted; its ${log.length - wholeBytes} bytes were dropped.\n`,
      );
      await file.truncate(wholeBytes);
      await file.sync();
    }
    await makeDurable(dirname(path));
    return new Journal(path, snapshot, file, wholeBytes);
  }

  /** Notes a change; it is not on the disk before the next `synced()` has resolved. */
  append(change: Change): void {
    if (this.#broken) throw this.#broken;
    this.#pending.push(change);
    this.#noted += 1;
  }

  /** Resolves once every change noted so far is on the disk. */
  async synced(): Promise<void> {
    const wanted = this.#noted;
    while (this.#durable < wanted && !this.#broken) {
      this.#writing ??= this.#write();
      await this.#writing;
    }
    if (this.#broken) throw this.#broken;
  }

  async close(): Promise<void> {
    await this.synced().catch(() => undefined);
    // A compaction after the last sync would put its file in the place of one that is being removed.
    await this.#writing;
    await this.#file.close();
  }

  /** Closes the log and takes it off the disk. */
  async remove(): Promise<void> {
    await this.close();
    await rm(this.#path, { force: true });
    await makeDurable(dirname(this.#path));
  }

  async #write(): Promise<void> {
    const changes = this.#pending;
    const noted = this.#noted;
    this.#pending = [];
    try {
      const frame = frameOf(changes);
      await this.#file.appendFile(frame);
      await this.#file.datasync();
      this.#durable = noted;
      this.#size += frame.length;
      if (this.#size > COMPACT_MIN_BYTES && this.#size > COMPACT_FACTOR * this.#snapshot.liveBytes) {
        await this.#compact();
      }
    } catch (cause) {
      this.#broken = new Error(`${this.#path} could not be written; the engine takes no more writes to it.`, { cause });
    } finally {
      this.#writing = undefined;
    }
  }

  /** Changes that come meanwhile are in the snapshot and are appended after it once more: they may be applied twice. */
  async #compact(): Promise<void> {
    const next = await open(`${this.#path}.next`, 'w', 0o600);
    let size = 0;
    for (const frame of snapshotFrames(this.#snapshot)) {
      await next.appendFile(frame);
      size += frame.length;
    }
    await next.sync();
    await next.close();
    await rename(`${this.#path}.next`, this.#path);
    await makeDurable(dirname(this.#path));
    const before = this.#file;
    this.#file = await open(this.#path, 'a', 0o600);
    this.#size = size;
    await before.close();
  }
}

function* snapshotFrames(snapshot: Snapshot): Generator<Buffer> {
  let changes: Change[] = [];
  let bytes = 0;
  for (const change of snapshot.changes()) {
    changes.push(change);
    bytes += change.bytes.length;
    if (bytes >= SNAPSHOT_FRAME_BYTES) {
      yield frameOf(changes);
      changes = [];
      bytes = 0;
    }
  }
  if (changes.length > 0) yield frameOf(changes);
}

async function readLog(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw new Error(`${path} cannot be read.`, { cause });
  }
}

function scan(path: string, log: Buffer, replay: (change: Change) => void): ReturnType<typeof scanFrames> {
  try {
    return scanFrames(log, replay);
  } catch (cause) {
    throw new Error(`${path} holds something this version cannot read.`, { cause });
  }
}
