import { createHash } from 'node:crypto';
import { AppError } from '#shared/errors/app-error.js';
import type { DownloadTerms, ObjectStore, PutOptions, StoredObject } from '#shared/history/store/object-store.port.js';

export interface KeptObject {
  readonly bytes: Buffer;
  readonly contentType: string;
  readonly tags: Readonly<Record<string, string>>;
}

const LARGEST_PAGE = 1000;

/** A bucket in this process's memory, for tests that look into it. */
export class MemoryObjectStore implements ObjectStore {
  readonly objects = new Map<string, KeptObject>();
  /** Keys in the order of their writes. */
  readonly written: string[] = [];
  /** Operations that fail, as a store that is away does; may be changed at any time. */
  isAway: (operation: string) => boolean = () => false;

  async put(key: string, bytes: Uint8Array, { contentType, create, ifMatch, tags }: PutOptions): Promise<boolean> {
    await this.#turn('put');
    const before = this.objects.get(key);
    if (create && before) return false;
    if (ifMatch !== undefined && (!before || etagOf(before.bytes) !== ifMatch)) return false;
    this.objects.set(key, { bytes: Buffer.from(bytes), contentType, tags: tags ?? {} });
    this.written.push(key);
    return true;
  }

  async get(key: string): Promise<StoredObject | null> {
    await this.#turn('get');
    const found = this.objects.get(key);
    return found ? { bytes: Uint8Array.from(found.bytes), etag: etagOf(found.bytes) } : null;
  }

  async delete(key: string): Promise<void> {
    await this.#turn('delete');
    this.objects.delete(key);
  }

  async deleteAll(keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.delete(key);
  }

  async list(
    prefix: string,
    { limit, startAfter }: { limit: number; startAfter?: string },
  ): Promise<readonly string[]> {
    await this.#turn('list');
    const after = startAfter === undefined ? undefined : Buffer.from(startAfter);
    return this.keys(prefix)
      .filter((key) => !after || Buffer.compare(Buffer.from(key), after) > 0)
      .slice(0, Math.min(limit, LARGEST_PAGE));
  }

  async signedUrl(key: string, terms: DownloadTerms): Promise<string> {
    const query = new URLSearchParams({ ...terms, expiresInSec: String(terms.expiresInSec) });
    return `memory:///${key}?${query.toString()}`;
  }

  async ping(): Promise<void> {
    await this.#turn('ping');
  }

  /** Keys below a prefix in byte order. */
  keys(prefix = ''): string[] {
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(prefix));
    return keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  }

  text(key: string): string {
    const found = this.objects.get(key);
    if (!found) throw new Error(`nothing at ${key}`);
    return found.bytes.toString('utf8');
  }

  /** Lets others run first, as a store over the network does. */
  async #turn(operation: string): Promise<void> {
    await Promise.resolve();
    if (this.isAway(operation)) throw new AppError('SERVICE_UNAVAILABLE', 'The history store is not available.');
  }
}

function etagOf(bytes: Uint8Array): string {
  return `"${createHash('md5').update(bytes).digest('hex')}"`;
}
