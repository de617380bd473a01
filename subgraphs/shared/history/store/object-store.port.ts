export interface PutOptions {
  readonly contentType: string;
  /** Write only if nothing is there. */
  readonly create?: boolean;
  /** Write only over the object of this ETag. */
  readonly ifMatch?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface StoredObject {
  readonly bytes: Uint8Array;
  readonly etag: string;
}

export interface DownloadTerms {
  readonly expiresInSec: number;
  readonly contentType: string;
  /** Letters, digits, `.`, `_` and `-`; anything else becomes `_`. */
  readonly filename: string;
}

/**
 * One bucket, as far as the history needs it. Whatever goes wrong that is not an outcome below is thrown as
 * SERVICE_UNAVAILABLE.
 */
export interface ObjectStore {
  /** Whether the object was written: false when its condition did not hold. */
  put(key: string, bytes: Uint8Array, options: PutOptions): Promise<boolean>;
  get(key: string): Promise<StoredObject | null>;
  delete(key: string): Promise<void>;
  /** Deletes up to 1000 objects at once; when it throws, some of them may be gone. */
  deleteAll(keys: readonly string[]): Promise<void>;
  /** Keys below a prefix in byte order, after `startAfter`, at most `limit` (up to 1000). */
  list(prefix: string, options: { limit: number; startAfter?: string }): Promise<readonly string[]>;
  /** A URL by which its holder can download the object. */
  signedUrl(key: string, terms: DownloadTerms): Promise<string>;
  /** Resolves when the bucket answers. */
  ping(): Promise<void>;
}

/** All keys below a prefix. */
export async function* listAll(store: ObjectStore, prefix: string, limit = 500): AsyncGenerator<string> {
  let startAfter: string | undefined;
  do {
    const page = await store.list(prefix, { limit, ...(startAfter !== undefined && { startAfter }) });
    yield* page;
    startAfter = page.length === limit ? page.at(-1) : undefined;
  } while (startAfter !== undefined);
}
