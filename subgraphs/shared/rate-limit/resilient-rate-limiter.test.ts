import { describe, expect, it } from '@jest/globals';
import { MemoryRateLimiter } from './memory-rate-limiter.js';
import type { Charge, RateLimiter, Verdict } from './rate-limiter.port.js';
import { ResilientRateLimiter } from './resilient-rate-limiter.js';

const WINDOW_MS = 60_000;
const one: Charge[] = [{ key: 'k', limit: 3, windowMs: WINDOW_MS, cost: 1 }];

/** A limiter that others share, and that can be out of reach. */
class DistantLimiter implements RateLimiter {
  reachable = true;
  asked = 0;
  /** Each answer waits for this. */
  answering: Promise<void> = Promise.resolve();

  constructor(readonly memory: MemoryRateLimiter) {}

  async consume(charges: readonly Charge[]): Promise<Verdict> {
    this.asked += 1;
    if (!this.reachable) throw new Error('out of reach');
    const verdict = this.memory.decide(charges);
    await this.answering;
    return verdict;
  }
}

function setUp() {
  const clock = { ms: 0 };
  const now = (): number => clock.ms;
  const shared = new DistantLimiter(new MemoryRateLimiter(now));
  const replica = () => new ResilientRateLimiter({ shared, local: new MemoryRateLimiter(now), now });
  return { clock, shared, replica };
}

async function accepted(limiter: RateLimiter, requests: number): Promise<number> {
  const verdicts = await Promise.all(Array.from({ length: requests }, () => limiter.consume(one)));
  return verdicts.filter((verdict) => verdict.accepted).length;
}

describe('a limiter whose shared budgets can be out of reach', () => {
  it('lets the shared one decide while it can', async () => {
    const { replica } = setUp();
    const [first, second] = [replica(), replica()];
    expect(await accepted(first, 2)).toBe(2);
    expect(await accepted(second, 2)).toBe(1);
    expect(await accepted(first, 1)).toBe(0);
  });

  it('gives no second budget when it begins to decide by itself', async () => {
    const { clock, shared, replica } = setUp();
    const limiter = replica();
    expect(await accepted(limiter, 2)).toBe(2);
    shared.reachable = false;
    expect(await accepted(limiter, 10)).toBe(1);
    clock.ms += WINDOW_MS;
    expect(await accepted(limiter, 10)).toBe(3);
  });

  it('enforces the full limit on each replica by itself meanwhile', async () => {
    const { shared, replica } = setUp();
    const [first, second] = [replica(), replica()];
    expect(await accepted(first, 2)).toBe(2);
    shared.reachable = false;
    expect(await accepted(first, 10)).toBe(1);
    expect(await accepted(second, 10)).toBe(3);
  });

  it('lets the shared one decide again when it is back, which does not know what was accepted meanwhile', async () => {
    const { clock, shared, replica } = setUp();
    const limiter = replica();
    shared.reachable = false;
    expect(await accepted(limiter, 10)).toBe(3);
    shared.reachable = true;
    clock.ms += 1_000;
    expect(await accepted(limiter, 1)).toBe(1);
    expect(await accepted(limiter, 10)).toBe(2);
  });

  it('asks again once a second only, and then by one request', async () => {
    const { clock, shared, replica } = setUp();
    const limiter = replica();
    shared.reachable = false;
    await accepted(limiter, 1);
    await accepted(limiter, 10);
    clock.ms += 999;
    await accepted(limiter, 10);
    expect(shared.asked).toBe(1);
    clock.ms += 1;
    await accepted(limiter, 10);
    expect(shared.asked).toBe(2);
    clock.ms += 1_000;
    shared.reachable = true;
    await accepted(limiter, 1);
    await accepted(limiter, 10);
    expect(shared.asked).toBe(13);
  });

  it('keeps the limit also when the shared one accepts after others have given it up', async () => {
    const { shared, replica } = setUp();
    const limiter = replica();
    let answer = (): void => undefined;
    shared.answering = new Promise((resolve) => (answer = resolve));
    const slow = accepted(limiter, 2);
    shared.reachable = false;
    expect(await accepted(limiter, 10)).toBe(1);
    answer();
    expect(await slow).toBe(2);
    expect(await accepted(limiter, 10)).toBe(0);
  });

  it('does not take a request that makes no sense for an outage', async () => {
    const { shared, replica } = setUp();
    const limiter = replica();
    await expect(limiter.consume([{ ...one[0]!, cost: 0 }])).rejects.toThrow(RangeError);
    await limiter.consume(one);
    expect(shared.asked).toBe(1);
  });
});
