import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { MemoryRateLimiter } from './memory-rate-limiter.js';
import type { Charge, Verdict } from './rate-limiter.port.js';

interface Rule {
  readonly limit: number;
  readonly windowMs: number;
}

interface Step {
  readonly waitMs: number;
  /** Key (an index of the rules) and cost of each charge. */
  readonly takes: readonly (readonly [number, number])[];
}

const KEYS = 3;
const rules = fc.array(
  fc.record({ limit: fc.integer({ min: 1, max: 5 }), windowMs: fc.integer({ min: 5, max: 40 }) }),
  {
    minLength: KEYS,
    maxLength: KEYS,
  },
);
// Quarters of a millisecond: finer than the limiter's answers, and exact as binary fractions.
const step = fc.record({
  waitMs: fc.oneof(
    fc.constant(0),
    fc.integer({ min: 0, max: 100 }).map((quarters) => quarters / 4),
  ),
  takes: fc.array(fc.tuple(fc.nat(KEYS - 1), fc.integer({ min: 1, max: 3 })), { minLength: 1, maxLength: 3 }),
});
const steps = fc.array(step, { minLength: 1, maxLength: 60 });

const chargesOf = ({ takes }: Step, of: readonly Rule[]): Charge[] =>
  takes.map(([key, cost]) => ({ key: `k${key}`, cost, ...of[key]! }));

/** The rule itself, kept by a list that forgets nothing. */
class ExactLog {
  readonly accepted: { key: string; at: number }[] = [];

  within(key: string, windowMs: number, now: number): number[] {
    return this.accepted.filter((one) => one.key === key && one.at > now - windowMs).map(({ at }) => at);
  }

  wouldAccept(charges: readonly Charge[], now: number): boolean {
    return charges.every(({ key, limit, windowMs }) => {
      const cost = charges.reduce((sum, charge) => sum + (charge.key === key ? charge.cost : 0), 0);
      return this.within(key, windowMs, now).length + cost <= limit;
    });
  }

  add(charges: readonly Charge[], now: number): void {
    for (const { key, cost } of charges) for (let n = 0; n < cost; n += 1) this.accepted.push({ key, at: now });
  }
}

function play(
  sequence: readonly Step[],
  of: readonly Rule[],
): { at: (ms: number) => void; limiter: MemoryRateLimiter } {
  let now = 0;
  const limiter = new MemoryRateLimiter(() => now);
  for (const each of sequence) {
    now += each.waitMs;
    limiter.decide(chargesOf(each, of));
  }
  return { limiter, at: (ms) => void (now += ms) };
}

describe('a sliding log in memory', () => {
  it('accepts exactly what the rule accepts, and says how each budget stands', () => {
    fc.assert(
      fc.property(rules, steps, (of, sequence) => {
        let now = 0;
        const limiter = new MemoryRateLimiter(() => now);
        const exact = new ExactLog();
        for (const each of sequence) {
          now += each.waitMs;
          const charges = chargesOf(each, of);
          const expected = exact.wouldAccept(charges, now);
          const verdict = limiter.decide(charges);
          expect(verdict.accepted).toBe(expected);
          if (expected) exact.add(charges, now);
          expectBudgets(verdict, exact, now);
        }
      }),
    );
  });

  it('never accepts more than the limit in any trailing window', () => {
    fc.assert(
      fc.property(rules, steps, (of, sequence) => {
        let now = 0;
        const limiter = new MemoryRateLimiter(() => now);
        const all = new ExactLog();
        for (const each of sequence) {
          now += each.waitMs;
          const charges = chargesOf(each, of);
          if (limiter.decide(charges).accepted) all.add(charges, now);
        }
        for (const [index, { limit, windowMs }] of of.entries()) {
          const times = all.accepted.filter(({ key }) => key === `k${index}`).map(({ at }) => at);
          for (const end of times)
            expect(times.filter((at) => at > end - windowMs && at <= end).length).toBeLessThanOrEqual(limit);
        }
      }),
    );
  });

  it('accepts a refused request after retryAfterMs, and not 1 ms before', () => {
    fc.assert(
      fc.property(rules, steps, step, (of, sequence, last) => {
        const charges = chargesOf(last, of);
        const refused = play(sequence, of).limiter.decide(charges);
        fc.pre(!refused.accepted);
        const affordable = new ExactLog().wouldAccept(charges, 0);
        const onTime = play(sequence, of);
        onTime.at(refused.retryAfterMs);
        expect(onTime.limiter.decide(charges).accepted).toBe(affordable);
        const early = play(sequence, of);
        early.at(refused.retryAfterMs - 1);
        expect(early.limiter.decide(charges).accepted).toBe(false);
      }),
    );
  });

  it('forgets keys that nobody uses any more, however many there were', () => {
    let now = 0;
    const limiter = new MemoryRateLimiter(() => now);
    const once = (key: string): Verdict => limiter.decide([{ key, limit: 60, windowMs: 1_000, cost: 1 }]);
    for (let n = 0; n < 10_000; n += 1) once(`visitor ${n}`);
    expect(limiter.size).toBe(10_000);
    now += 1_000;
    for (let n = 0; n < 5_010; n += 1) once('regular');
    expect(limiter.size).toBe(1);
  });

  it('keeps no more keys than twice those of the last window, while new ones come all the time', () => {
    let now = 0;
    let most = 0;
    const limiter = new MemoryRateLimiter(() => now);
    for (let n = 0; n < 20_000; n += 1) {
      now += 1;
      limiter.decide([{ key: `visitor ${n}`, limit: 60, windowMs: 1_000, cost: 1 }]);
      most = Math.max(most, limiter.size);
    }
    expect(most).toBeLessThanOrEqual(2_000);
  });
});

describe('what another limiter is deciding', () => {
  const charges = [{ key: 'k', limit: 2, windowMs: 100, cost: 1 }];

  it('counts until it is refused there', () => {
    const limiter = new MemoryRateLimiter(() => 0);
    const settle = [limiter.hold(charges), limiter.hold(charges)];
    expect(limiter.decide(charges)).toMatchObject({ accepted: false, retryAfterMs: 100, budgets: [{ remaining: 0 }] });
    settle[0]!(false);
    expect(limiter.decide(charges).accepted).toBe(true);
    settle[1]!(false);
    expect(limiter.decide(charges).accepted).toBe(true);
    expect(limiter.decide(charges).accepted).toBe(false);
  });

  it('counts for a window when it was accepted there', () => {
    let now = 0;
    const limiter = new MemoryRateLimiter(() => now);
    const settle = [limiter.hold(charges), limiter.hold(charges)];
    now = 30;
    for (const each of settle) each(true);
    expect(limiter.decide(charges)).toMatchObject({ accepted: false, retryAfterMs: 100 });
    now = 130;
    expect(limiter.decide(charges).accepted).toBe(true);
  });

  it('leaves nothing behind', () => {
    const limiter = new MemoryRateLimiter(() => 0);
    limiter.hold(charges)(false);
    expect(limiter.size).toBe(0);
  });
});

it('asks for no wait that is longer than the window, however the clock stands', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(1e9), async (ticks) => {
      const now = ticks / 997;
      const limiter = new MemoryRateLimiter(() => now);
      const { budgets } = await limiter.consume([{ key: 'k', cost: 1, limit: 1, windowMs: 60_000 }]);
      expect(budgets[0]?.resetMs).toBe(60_000);
    }),
    { numRuns: 2_000 },
  );
});

function expectBudgets({ budgets }: Verdict, exact: ExactLog, now: number): void {
  for (const { key, limit, windowMs, remaining, resetMs } of budgets) {
    const within = exact.within(key, windowMs, now);
    expect(remaining).toBe(limit - within.length);
    expect(resetMs).toBe(within.length === 0 ? 0 : Math.ceil(Math.min(...within) + windowMs - now));
  }
}
