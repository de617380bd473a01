import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { OneAtATime } from '#shared/concurrency/one-at-a-time.js';
import { AppError } from '#shared/errors/app-error.js';
import { JSON_TYPE, jsonBytes, readJson } from './json-object.js';
import type { ObjectStore } from './object-store.port.js';

interface Lease {
  readonly owner: string;
  /** ISO 8601, UTC. */
  readonly until: string;
}

export interface LeaseTimes {
  /** What a write takes at most until everybody sees it. One that took longer is not trusted. */
  readonly settleMs: number;
  /** After so long a lease is nobody's, whatever became of its owner. */
  readonly lastsMs: number;
}

const DEFAULT_TIMES: LeaseTimes = { settleMs: 300, lastsMs: 10_000 };
const MAX_ATTEMPTS = 60;
const LONGEST_PAUSE_MS = 300;

/**
 * One owner at a time, on a store that has no conditional writes: an object names the owner and until when. Whoever finds no
 * owner writes its own name, waits until any other who found none has written too, and looks whose name stands there
 * (Fischer's algorithm). It rests on time: a write that hangs for longer than `settleMs` and is then carried out, a
 * process that stands still for longer than `lastsMs` with the lease in hand, or clocks further apart than that, break it.
 */
export class Leases {
  readonly #turns = new OneAtATime();
  readonly #times: LeaseTimes;

  constructor(
    private readonly store: ObjectStore,
    times: Partial<LeaseTimes> = {},
  ) {
    this.#times = { ...DEFAULT_TIMES, ...times };
  }

  /** Does work as the only one. Throws SERVICE_UNAVAILABLE when others are at it for too long, and what the work throws. */
  async hold<T>(name: string, work: () => Promise<T>): Promise<T> {
    return this.#turns.run(name, async () => {
      const key = `leases/${name}.json`;
      const until = await this.#acquire(key);
      try {
        return await work();
      } finally {
        // One that has run out may be another's by now. What is left of it runs out where it cannot be removed.
        if (Date.now() < until) await this.store.delete(key).catch(() => undefined);
      }
    });
  }

  async #acquire(key: string): Promise<number> {
    const { settleMs, lastsMs } = this.#times;
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      if (await this.#isFree(key)) {
        const owner = randomUUID();
        const until = Date.now() + lastsMs;
        const startedAt = performance.now();
        const lease: Lease = { owner, until: new Date(until).toISOString() };
        await this.store.put(key, jsonBytes(lease), { contentType: JSON_TYPE });
        const isTimely = performance.now() - startedAt < settleMs;
        await sleep(settleMs * 2);
        if (isTimely && (await this.#ownerOf(key)) === owner) return until - settleMs;
      }
      await sleep(Math.random() * LONGEST_PAUSE_MS);
    }
    throw new AppError('SERVICE_UNAVAILABLE', 'The history is too busy.');
  }

  async #isFree(key: string): Promise<boolean> {
    const found = await readJson(this.store, key);
    return !found || Date.parse((found.value as Lease).until) < Date.now();
  }

  async #ownerOf(key: string): Promise<string | undefined> {
    const found = await readJson(this.store, key);
    return (found?.value as Lease | undefined)?.owner;
  }
}
