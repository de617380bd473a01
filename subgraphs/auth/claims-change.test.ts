import { describe, expect, it } from '@jest/globals';
import { lastChangeOf, outdatedUntilSec } from './claims-change.js';

const EARLIER = new Date('2026-01-01T00:00:00.400Z');
const LATER = new Date('2026-01-01T00:00:07.999Z');

describe('lastChangeOf', () => {
  it.each<[roleChangedAt: Date | null, promptStorageChangedAt: Date | null, last: Date | null]>([
    [null, null, null],
    [EARLIER, null, EARLIER],
    [null, EARLIER, EARLIER],
    [EARLIER, LATER, LATER],
    [LATER, EARLIER, LATER],
  ])('of %p and %p is %p', (roleChangedAt, promptStorageChangedAt, last) => {
    expect(lastChangeOf({ roleChangedAt, promptStorageChangedAt })).toBe(last);
  });
});

describe('outdatedUntilSec', () => {
  it('is the second after the change, and before all time where there was none', () => {
    expect([EARLIER, LATER, null].map(outdatedUntilSec)).toEqual([1_767_225_601, 1_767_225_608, 0]);
  });
});
