import { AppError } from '#shared/errors/app-error.js';
import type { DownloadTerms, ObjectStore, PutOptions, StoredObject } from '#shared/history/store/object-store.port.js';

export interface Crash {
  /** The operation, counted from 1, from which on none succeeds. */
  readonly step: number;
  /** Whether that first one was still carried out, though its answer never came. */
  readonly carriedOut: boolean;
}

/** A store as a process sees it that loses it at one step for good; what lies in it stays in `inner`. */
export class CrashingStore implements ObjectStore {
  steps = 0;

  constructor(
    private readonly inner: ObjectStore,
    private readonly crash: Crash,
  ) {}

  put(key: string, bytes: Uint8Array, options: PutOptions): Promise<boolean> {
    return this.#step(() => this.inner.put(key, bytes, options));
  }

  get(key: string): Promise<StoredObject | null> {
    return this.#step(() => this.inner.get(key));
  }

  delete(key: string): Promise<void> {
    return this.#step(() => this.inner.delete(key));
  }

  deleteAll(keys: readonly string[]): Promise<void> {
    return this.#step(() => this.inner.deleteAll(keys));
  }

  list(prefix: string, options: { limit: number; startAfter?: string }): Promise<readonly string[]> {
    return this.#step(() => this.inner.list(prefix, options));
  }

  signedUrl(key: string, terms: DownloadTerms): Promise<string> {
    return this.inner.signedUrl(key, terms);
  }

  ping(): Promise<void> {
    return this.#step(() => this.inner.ping());
  }

  async #step<T>(operation: () => Promise<T>): Promise<T> {
    this.steps += 1;
    const { step, carriedOut } = this.crash;
    if (this.steps < step) return operation();
    if (this.steps === step && carriedOut) await operation();
    throw new AppError('SERVICE_UNAVAILABLE', 'The history store is not available.');
  }
}
