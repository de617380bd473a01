import { describe, expect, it } from '@jest/globals';
import { answeredWithin } from './answered-within.js';

/** Lets nothing else run, as a busy process does. */
function standStill(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until;);
}

describe('answeredWithin', () => {
  it('gives the answer, or what went wrong', async () => {
    expect(await answeredWithin(60_000, Promise.resolve(7))).toBe(7);
    await expect(answeredWithin(60_000, Promise.reject(new Error('no')))).rejects.toThrow('no');
  });

  it('does not wait for ever', async () => {
    await expect(answeredWithin(20, new Promise(() => undefined))).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  });

  it('takes an answer that is there, however long this process did something else', async () => {
    // Comes with the first look at what has arrived, which is after the timers that are due.
    const answer = new Promise((resolve) => setImmediate(() => resolve('there')));
    const answered = answeredWithin(50, answer);
    standStill(200);
    expect(await answered).toBe('there');
  });
});
