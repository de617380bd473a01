import { setTimeout } from 'node:timers/promises';

/** Time and chance, for those who try again; tests hold them still. */
export interface Clock {
  /** Milliseconds that only ever grow, as of `performance.now()`. */
  now(): number;
  /** Aborts with a TimeoutError after so long. */
  timeout(ms: number): AbortSignal;
  /** Rejects when `signal` aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** From 0 up to 1. */
  random(): number;
}

export const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  timeout: (ms) => AbortSignal.timeout(ms),
  sleep: (ms, signal) => setTimeout(ms, undefined, { signal }),
  random: Math.random,
};
