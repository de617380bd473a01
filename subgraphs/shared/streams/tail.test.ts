import { describe, expect, it } from '@jest/globals';
import type { LoggedEntry } from './logged-entry.js';
import { Reader } from './reader.js';
import { Tail } from './tail.js';

const chunk = (seq: number, text = `${seq}`): LoggedEntry => ({ seq, entry: { kind: 'chunk', chunk: { seq, text } } });
const chunks = (from: number, to: number, text?: string): LoggedEntry[] =>
  Array.from({ length: to - from + 1 }, (_, n) => chunk(from + n, text));
const done: LoggedEntry = { seq: 4, entry: { kind: 'end', end: { outcome: 'done' } } };

describe('the tail of a stream', () => {
  it('has what came since it began; what was before is in Redis, what is not yet there is nowhere', () => {
    const tail = new Tail({ seq: 2, end: null });
    expect([tail.next(0), tail.next(2), tail.next(9)]).toEqual(['behind', 'none', 'none']);
    tail.accept([chunk(3), done]);
    expect([tail.next(1), tail.next(2), tail.next(3)]).toEqual(['behind', chunk(3).entry, done.entry]);
    expect([tail.next(4), tail.next(9), tail.over]).toEqual([done.entry, done.entry, true]);
  });

  it('takes an entry once, also when an earlier call brings it again', () => {
    const tail = new Tail({ seq: 0, end: null });
    tail.accept(chunks(1, 3));
    const { bytes } = tail;
    tail.accept(chunks(1, 3));
    expect([tail.bytes, tail.last, tail.next(1)]).toEqual([bytes, 3, chunk(2).entry]);
  });

  it('begins anew after a gap, and never gives one entry for another', () => {
    const tail = new Tail({ seq: 0, end: null });
    tail.accept(chunks(1, 3));
    tail.accept(chunks(7, 8));
    expect([tail.next(2), tail.next(3), tail.next(5)]).toEqual(['behind', 'behind', 'behind']);
    expect([tail.next(6), tail.next(7), tail.next(8)]).toEqual([chunk(7).entry, chunk(8).entry, 'none']);
  });

  it.each([
    ['many small entries', 'x', 1_000],
    ['large ones', 'x'.repeat(10_000), 20],
    ['one that is larger than all it may hold', 'x'.repeat(100_000), 1],
  ])('lets go of the oldest: %s', (_, text, count) => {
    const tail = new Tail({ seq: 0, end: null });
    tail.accept(chunks(1, count, text));
    expect(tail.bytes).toBeLessThanOrEqual(64 * 1024);
    expect([tail.next(0), tail.next(count)]).toEqual(['behind', 'none']);
  });

  it('is over when Redis says so: at the end once all was had, and when the stream is gone', () => {
    const reader = new Reader();
    const tail = new Tail({ seq: 2, end: null });
    tail.readers.add(reader);
    tail.compare({ seq: 3, end: { outcome: 'lost' } });
    expect([tail.over, tail.next(2)]).toEqual([false, 'none']);
    tail.accept([chunk(3)]);
    tail.compare({ seq: 3, end: { outcome: 'lost' } });
    expect([tail.over, tail.next(3)]).toEqual([true, { kind: 'end', end: { outcome: 'lost' } }]);
    const gone = new Tail({ seq: 2, end: null });
    gone.compare(null);
    expect([gone.over, gone.next(2)]).toEqual([true, 'none']);
  });
});
