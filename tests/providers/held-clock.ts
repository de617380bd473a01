import type { Clock } from '#shared/llm/fallback/clock.js';

export interface HeldClock extends Clock {
  /** The pauses that were made, in milliseconds. */
  readonly pauses: number[];
  /** The times that calls were given, in milliseconds. */
  readonly times: number[];
  /** Lets the time of the latest call run out. */
  expire(): void;
}

/** A clock that goes on only by the pauses that are made on it, which take no time at all. */
export function holdClock(): HeldClock {
  let now = 1_000;
  let latest = new AbortController();
  const clock: HeldClock = {
    pauses: [],
    times: [],
    now: () => now,
    timeout(ms) {
      clock.times.push(ms);
      latest = new AbortController();
      return latest.signal;
    },
    async sleep(ms, signal) {
      signal.throwIfAborted();
      clock.pauses.push(ms);
      now += ms;
    },
    random: () => 0.5,
    expire() {
      now += clock.times.at(-1) ?? 0;
      latest.abort(new DOMException('The time is over.', 'TimeoutError'));
    },
  };
  return clock;
}
