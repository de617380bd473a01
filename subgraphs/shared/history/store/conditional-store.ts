import type { Logger } from '#shared/logging/logger.js';
import { honoursConditions } from './conditions-probe.js';
import { Leases, type LeaseTimes } from './leases.js';
import { ForwardingStore } from './forwarding-store.js';
import type { ObjectStore, PutOptions } from './object-store.port.js';

/**
 * A store whose conditional writes can be relied on. Whether the store behind it honours them is found out once; where it does not,
 * one writer at a time looks and then writes, by a lease for each user and each session, whose limits {@link Leases} states.
 */
export class ConditionalStore extends ForwardingStore {
  readonly #leases: Leases;
  #honoured: Promise<boolean> | undefined;

  constructor(
    inner: ObjectStore,
    private readonly log: Logger,
    times: Partial<LeaseTimes> = {},
  ) {
    super(inner);
    this.#leases = new Leases(inner, times);
  }

  /** Finds out, once, whether conditions are honoured. Throws SERVICE_UNAVAILABLE while the store is away. */
  probe(): Promise<boolean> {
    this.#honoured ??= this.#probe();
    return this.#honoured;
  }

  override async put(key: string, bytes: Uint8Array, options: PutOptions): Promise<boolean> {
    const isConditional = options.create === true || options.ifMatch !== undefined;
    if (!isConditional || (await this.probe())) return this.inner.put(key, bytes, options);
    const scope = scopeOf(key);
    const write = (): Promise<boolean> => this.#lookAndPut(key, bytes, options);
    return scope === null ? write() : this.#leases.hold(scope, write);
  }

  async #probe(): Promise<boolean> {
    try {
      const isHonoured = await honoursConditions(this.inner);
      if (!isHonoured) {
        this.log.warn(
          'the object store ignores conditional writes: writers take turns by leases, which is slow and rests on time',
        );
      }
      return isHonoured;
    } catch (error) {
      this.#honoured = undefined;
      throw error;
    }
  }

  async #lookAndPut(key: string, bytes: Uint8Array, { create, ifMatch, ...options }: PutOptions): Promise<boolean> {
    const found = await this.inner.get(key);
    if (create && found) return false;
    if (ifMatch !== undefined && found?.etag !== ifMatch) return false;
    return this.inner.put(key, bytes, options);
  }
}

/** Whose objects a key is among; null for those that have new ids in their keys, which nobody else writes. */
function scopeOf(key: string): string | null {
  const [, kind, id] = /^(users|idempotency|sessions)\/([0-9a-f-]+)\//.exec(key) ?? [];
  if (kind === undefined || id === undefined) return null;
  return kind === 'sessions' ? `sessions/${id}` : `users/${id}`;
}
