import { describe, expect, it } from '@jest/globals';
import { estimatedTokens, estimatedUsage } from './token-estimate.js';

describe('estimatedTokens', () => {
  it.each([
    ['', 0],
    ['a', 1],
    ['abcd', 1],
    ['abcde', 2],
    ['x'.repeat(4_000), 1_000],
  ])('of %j (case %#)', (text, expected) => {
    expect(estimatedTokens(text)).toBe(expected);
  });

  it('says of both ways that they are estimated', () => {
    expect(estimatedUsage('abcd', '')).toEqual({ in: 1, out: 0, estimated: true });
  });
});
