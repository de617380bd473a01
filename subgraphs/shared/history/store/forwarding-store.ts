import type { DownloadTerms, ObjectStore, PutOptions, StoredObject } from './object-store.port.js';

/** A store that does as another one does, but for what a subclass does in another way. */
export abstract class ForwardingStore implements ObjectStore {
  constructor(protected readonly inner: ObjectStore) {}

  put(key: string, bytes: Uint8Array, options: PutOptions): Promise<boolean> {
    return this.inner.put(key, bytes, options);
  }

  get(key: string): Promise<StoredObject | null> {
    return this.inner.get(key);
  }

  delete(key: string): Promise<void> {
    return this.inner.delete(key);
  }

  deleteAll(keys: readonly string[]): Promise<void> {
    return this.inner.deleteAll(keys);
  }

  list(prefix: string, options: { limit: number; startAfter?: string }): Promise<readonly string[]> {
    return this.inner.list(prefix, options);
  }

  signedUrl(key: string, terms: DownloadTerms): Promise<string> {
    return this.inner.signedUrl(key, terms);
  }

  ping(): Promise<void> {
    return this.inner.ping();
  }
}
