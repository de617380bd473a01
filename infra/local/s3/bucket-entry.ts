export interface ObjectInfo {
  readonly etag: string;
  readonly size: number;
  readonly lastModifiedMs: number;
  readonly contentType: string;
  /** `x-amz-meta-*`, without the prefix. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

/** What a bucket's journal says: each entry is the new state of its key, whatever was before. */
export type BucketEntry =
  /** With the bytes (base64) of a small object, or where a large one's are staged; with neither, they are as they were. */
  | { readonly put: string; readonly info: ObjectInfo; readonly bytes?: string; readonly staged?: string }
  | { readonly deleted: string }
  | { readonly lifecycle: string | null };

/** The bytes of an object that are in the journal, and in its file only after the next checkpoint. */
export interface Unplaced {
  readonly bytes: Buffer;
  /** No file has the name of this key, so that a deletion need not look for one. */
  readonly isFirst: boolean;
}

/** What a journal's entries amount to. */
export class BucketState {
  readonly objects = new Map<string, ObjectInfo>();
  readonly unplaced = new Map<string, Unplaced>();
  /** Keys whose bytes may have been staged and not placed when the process ended. */
  readonly staged = new Map<string, string>();
  /** Keys whose file may not have been removed when the process ended. */
  readonly deleted = new Set<string>();
  lifecycle: string | null = null;

  replay(entry: BucketEntry): void {
    if ('lifecycle' in entry) this.lifecycle = entry.lifecycle;
    else if ('deleted' in entry) this.#replayDeleted(entry.deleted);
    else this.#replayPut(entry);
  }

  #replayDeleted(key: string): void {
    this.objects.delete(key);
    this.unplaced.delete(key);
    this.staged.delete(key);
    this.deleted.add(key);
  }

  #replayPut({ put, info, bytes, staged }: Extract<BucketEntry, { put: string }>): void {
    this.objects.set(put, info);
    this.deleted.delete(put);
    if (bytes !== undefined) {
      this.unplaced.set(put, { bytes: Buffer.from(bytes, 'base64'), isFirst: false });
      this.staged.delete(put);
    } else if (staged !== undefined) {
      this.staged.set(put, staged);
      this.unplaced.delete(put);
    }
  }
}
