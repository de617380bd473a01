import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { sideBySide } from './side-by-side.js';

describe('sideBySide', () => {
  it('keeps the order, and never runs more than it may at a time', async () => {
    let running = 0;
    let most = 0;
    const results = await sideBySide(new Set([5, 1, 4, 2, 3, 0]), 3, async (turns) => {
      running += 1;
      most = Math.max(most, running);
      for (let at = 0; at <= turns; at += 1) await turn();
      running -= 1;
      return turns * 2;
    });
    expect(results).toEqual([10, 2, 8, 4, 6, 0]);
    expect(most).toBe(3);
  });

  it('aborts what runs when one fails, waits for it, begins no other, and throws the first failure', async () => {
    const begun: number[] = [];
    const ended: number[] = [];
    const failing = sideBySide([0, 1, 2, 3, 4], 2, async (item, own) => {
      begun.push(item);
      if (item === 1) throw new Error('the first');
      await new Promise((resolve) => own.addEventListener('abort', resolve, { once: true }));
      await turn();
      ended.push(item);
      throw new Error('a later one');
    });
    await expect(failing).rejects.toThrow('the first');
    expect(begun).toEqual([0, 1]);
    expect(ended).toEqual([0]);
  });

  it('begins no other either where what runs goes well all the same', async () => {
    const begun: number[] = [];
    const failing = sideBySide([0, 1, 2, 3], 2, async (item) => {
      begun.push(item);
      await turn();
      if (item === 0) throw new Error('the first');
      await turn();
    });
    await expect(failing).rejects.toThrow('the first');
    for (let more = 0; more < 5; more += 1) await turn();
    expect(begun).toEqual([0, 1]);
  });

  it('hands on that the whole is aborted', async () => {
    const caller = new AbortController();
    const aborted = sideBySide(
      [0, 1],
      2,
      (_item, own) => new Promise((_resolve, reject) => own.addEventListener('abort', () => reject(own.reason))),
      caller.signal,
    );
    caller.abort(new Error('the client left'));
    await expect(aborted).rejects.toThrow('the client left');
  });

  it('takes a failure of nothing for one', async () => {
    await expect(sideBySide([0], 1, () => Promise.reject(undefined))).rejects.toBeUndefined();
  });

  it('has nothing to do for nothing', async () => {
    expect(await sideBySide([], 2, async () => 1)).toEqual([]);
  });
});
