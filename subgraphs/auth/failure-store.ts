import { Store, type Identity } from 'graphql-rate-limit';

interface Kept {
  readonly timestamps: readonly number[];
  readonly windowMs: number;
}

const SWEEP_EVERY_WRITES = 1_000;

/** Times of failed attempts, as the rate-limit rule keeps them, in memory; what has left its window is forgotten. */
export class FailureStore extends Store {
  readonly #kept = new Map<string, Kept>();
  #writes = 0;

  constructor(private readonly now: () => number = Date.now) {
    super();
  }

  setForIdentity(identity: Identity, timestamps: readonly number[], windowMs = 0): void {
    this.#kept.set(keyOf(identity), { timestamps, windowMs });
    this.#writes += 1;
    if (this.#writes % SWEEP_EVERY_WRITES === 0) this.#sweep();
  }

  getForIdentity(identity: Identity): readonly number[] {
    return this.#kept.get(keyOf(identity))?.timestamps ?? [];
  }

  get size(): number {
    return this.#kept.size;
  }

  #sweep(): void {
    for (const [key, { timestamps, windowMs }] of this.#kept) {
      if ((timestamps.at(-1) ?? 0) + windowMs <= this.now()) this.#kept.delete(key);
    }
  }
}

function keyOf({ contextIdentity, fieldIdentity }: Identity): string {
  return `${fieldIdentity}|${contextIdentity}`;
}
