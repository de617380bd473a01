import {
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  handleWhen,
  isBrokenCircuitError,
  type CircuitBreakerPolicy,
} from 'cockatiel';
import { LRUCache } from 'lru-cache';
import type { ModelRef } from '../attempt.js';
import { ProviderError, type Fault } from '../provider-error.js';

const FAILURES_TO_OPEN = 5;
const HALF_OPEN_AFTER_MS = 30_000;
/** Clients may name models, so there may be any number; the one not asked for longest is forgotten. */
const MAX_BREAKERS = 500;
const COUNTED: ReadonlySet<Fault> = new Set(['transient', 'unusable', 'timeout']);

/** The call was not made: its provider has failed too often of late. */
export class CircuitOpen extends Error {
  override readonly name = 'CircuitOpen';
}

/**
 * A circuit breaker for each model of each provider: after 5 failures in a row no call is let through for 30 s, then one, and
 * by its outcome all or none again. Refused and cancelled calls say nothing of the provider and count for nothing.
 */
export class CircuitBreakers {
  readonly #breakers = new LRUCache<string, CircuitBreakerPolicy>({ max: MAX_BREAKERS });

  /** Throws {@link CircuitOpen} without a call, or what `work` throws. */
  async run<T>(ref: ModelRef, work: () => Promise<T>): Promise<T> {
    const breaker = this.#breakerOf(ref);
    // Others would be made to wait for the outcome of the one call on trial.
    if (breaker.state === CircuitState.HalfOpen) throw new CircuitOpen();
    try {
      return await breaker.execute(work);
    } catch (error) {
      throw isBrokenCircuitError(error) ? new CircuitOpen() : error;
    }
  }

  #breakerOf({ provider, model }: ModelRef): CircuitBreakerPolicy {
    const key = `${provider}/${model}`;
    const known = this.#breakers.get(key);
    if (known) return known;
    const breaker = newBreaker();
    this.#breakers.set(key, breaker);
    return breaker;
  }
}

function newBreaker(): CircuitBreakerPolicy {
  const counts = (error: unknown): boolean => {
    if (!(error instanceof ProviderError)) return true;
    // The library closes the circuit on what is not counted: a trial that was cancelled must not count as one that went well.
    const isTrial = breaker.state === CircuitState.HalfOpen;
    return COUNTED.has(error.fault) || (isTrial && error.fault === 'cancelled');
  };
  const breaker = circuitBreaker(handleWhen(counts), {
    breaker: new ConsecutiveBreaker(FAILURES_TO_OPEN),
    halfOpenAfter: HALF_OPEN_AFTER_MS,
  });
  return breaker;
}
