import { describe, expect, it } from '@jest/globals';
import type { LoggedEntry } from './logged-entry.js';
import { Reader } from '../reader.js';
import { Tail } from './tail.js';

const chunk = (seq: number, text = `${seq}`): LoggedEntry => ({ seq, entry: { kind: 'chunk', chunk: { seq, text } } });
const chunks = (from: number, to: number, text?: string): LoggedEntry[] =>
  Array.from({ length: to - from + 1 }, (_, n) => chunk(from + n, text));
const done: LoggedEntry = { seq: 4, entry: { kind: 'end', end: { outcome: 'done' } } };

/** The tail of a stream that had so many chunks when it was first read, and what was published since. */
function tailOf(seq: number, published: readonly LoggedEntry[] = []): Tail {
  const tail = new Tail();
  tail.compare({ seq, end: null });
  for (const entry of published) tail.accept(entry);
  return tail;
}

describe('the tail of a stream', () => {
  it('has what came since it began; what was before is in Redis, what is not yet there is nowhere', () => {
    const tail = tailOf(2);
    expect([tail.next(0), tail.next(2), tail.next(9)]).toEqual(['behind', 'none', 'none']);
    for (const entry of [chunk(3), done]) tail.accept(entry);
    expect([tail.next(1), tail.next(2), tail.next(3)]).toEqual(['behind', chunk(3).entry, done.entry]);
    expect([tail.next(4), tail.next(9), tail.over]).toEqual([done.entry, done.entry, true]);
  });

  it('takes an entry once, also when it comes again', () => {
    const tail = tailOf(0, chunks(1, 3));
    const { bytes } = tail;
    for (const entry of chunks(1, 3)) tail.accept(entry);
    expect([tail.bytes, tail.next(1), tail.next(3)]).toEqual([bytes, chunk(2).entry, 'none']);
  });

  it('begins anew after a gap, and never gives one entry for another', () => {
    const tail = tailOf(0, [...chunks(1, 3), ...chunks(7, 8)]);
    expect([tail.next(2), tail.next(3), tail.next(5)]).toEqual(['behind', 'behind', 'behind']);
    expect([tail.next(6), tail.next(7), tail.next(8)]).toEqual([chunk(7).entry, chunk(8).entry, 'none']);
  });

  it.each([
    ['many small entries', 'x', 1_000],
    ['large ones', 'x'.repeat(10_000), 20],
    ['one that is larger than all it may hold', 'x'.repeat(100_000), 1],
  ])('lets go of the oldest: %s', (_, text, count) => {
    const tail = tailOf(0, chunks(1, count, text));
    expect(tail.bytes).toBeLessThanOrEqual(64 * 1024);
    expect([tail.next(0), tail.next(count)]).toEqual(['behind', 'none']);
  });

  it('has nothing of what was missed, which is in Redis then, and goes on after it', () => {
    const tail = tailOf(0, chunks(1, 3));
    tail.compare({ seq: 5, end: null });
    expect([tail.bytes, tail.next(2), tail.next(4), tail.next(5)]).toEqual([0, 'behind', 'behind', 'none']);
    for (const entry of chunks(5, 6)) tail.accept(entry);
    expect([tail.next(4), tail.next(5)]).toEqual(['behind', chunk(6).entry]);
  });

  it('loses nothing when it is told how the stream stood a while ago', () => {
    const tail = tailOf(0, chunks(1, 3));
    tail.compare({ seq: 2, end: null });
    expect([tail.next(0), tail.next(2), tail.next(3)]).toEqual([chunk(1).entry, chunk(3).entry, 'none']);
  });

  it('is over when Redis says so: at the end once all was had, and when the stream is gone', () => {
    const tail = tailOf(2);
    tail.compare({ seq: 3, end: { outcome: 'lost' } });
    expect([tail.over, tail.next(2), tail.next(3)]).toEqual([
      true,
      'behind',
      { kind: 'end', end: { outcome: 'lost' } },
    ]);
    const gone = tailOf(2);
    gone.compare(null);
    expect([gone.over, gone.next(2)]).toEqual([true, 'none']);
  });

  it.each([
    ['comes', (tail: Tail) => tail.accept(chunk(1))],
    ['was missed', (tail: Tail) => tail.compare({ seq: 1, end: null })],
    ['is gone', (tail: Tail) => tail.compare(null)],
  ])('wakes whoever waits when something %s', async (_, happen) => {
    const tail = tailOf(0);
    const reader = new Reader();
    tail.readers.add(reader);
    const woken = reader.wait();
    happen(tail);
    await expect(woken).resolves.toBeUndefined();
  });
});
