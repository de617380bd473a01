import { describe, expect, it } from '@jest/globals';
import { inParallel } from './in-parallel.js';

const signal = new AbortController().signal;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('inParallel', () => {
  it('keeps the order, and never runs more than it may at a time', async () => {
    let running = 0;
    let most = 0;
    const results = await inParallel([5, 1, 4, 2, 3, 0], { width: 3, signal }, async (turns) => {
      running += 1;
      most = Math.max(most, running);
      for (let at = 0; at <= turns; at += 1) await turn();
      running -= 1;
      return turns * 2;
    });
    expect(results).toEqual([10, 2, 8, 4, 6, 0]);
    expect(most).toBe(3);
  });

  it('aborts what runs when one fails, begins no other, and throws the first failure', async () => {
    const begun: number[] = [];
    const aborted: number[] = [];
    const failing = inParallel([0, 1, 2, 3, 4], { width: 2, signal }, async (item, own) => {
      begun.push(item);
      if (item === 1) throw new Error('the first');
      await new Promise((resolve) => own.addEventListener('abort', resolve, { once: true }));
      aborted.push(item);
      throw new Error('a later one');
    });
    await expect(failing).rejects.toThrow('the first');
    expect(begun).toEqual([0, 1]);
    expect(aborted).toEqual([0]);
  });

  it('has nothing to do for nothing', async () => {
    expect(await inParallel([], { width: 2, signal }, async () => 1)).toEqual([]);
  });
});
