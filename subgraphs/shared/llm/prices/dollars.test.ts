import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { roundedUsd, totalUsd } from './dollars.js';

/** A price as catalogues have them: up to six decimals. */
const price = fc.integer({ min: 0, max: 200_000_000 }).map((micro) => micro / 1e6);
const count = fc.integer({ min: 0, max: 5_000_000 });
const charges = fc.array(fc.record({ count, usdPerMillion: price }), { maxLength: 4 });

/** What a number prints as, in pico-dollars. */
function pico(usd: number): bigint {
  const [whole = '0', decimals = ''] = plain(usd).split('.');
  expect(decimals.length).toBeLessThanOrEqual(12);
  return BigInt(`${whole}${decimals.padEnd(12, '0')}`);
}

/** Without an exponent, and with all the digits that JSON would show. */
function plain(usd: number): string {
  const [digits = '', exponent] = String(usd).split('e-');
  if (exponent === undefined) return digits;
  const [whole = '', decimals = ''] = digits.split('.');
  return `0.${'0'.repeat(Number(exponent) - 1)}${whole}${decimals}`;
}

describe('totalUsd', () => {
  it('has at most 12 decimals, and is the exact sum', () => {
    fc.assert(
      fc.property(charges, (of) => {
        const exact = of.reduce(
          (sum, { count: n, usdPerMillion }) => sum + BigInt(n) * BigInt(Math.round(usdPerMillion * 1e6)),
          0n,
        );
        expect(pico(totalUsd(of))).toBe(exact);
      }),
    );
  });

  it('adds up: what two calls cost is what one of both would', () => {
    fc.assert(
      fc.property(charges, charges, (a, b) => {
        expect(pico(totalUsd(a)) + pico(totalUsd(b))).toBe(pico(totalUsd([...a, ...b])));
      }),
    );
  });

  it.each([
    [
      [
        { count: 3, usdPerMillion: 0.1 },
        { count: 3, usdPerMillion: 0.2 },
      ],
      9e-7,
    ],
    [[{ count: 1, usdPerMillion: 0.0000025 }], 3e-12],
    [[{ count: 1, usdPerMillion: 0.0000024 }], 2e-12],
    [[{ count: 1_000_000_000, usdPerMillion: 75 }], 75_000],
    [[], 0],
  ])('of case %# has no dust', (of, expected) => {
    expect(totalUsd(of)).toBe(expected);
  });

  it.each([
    [1.5, 1],
    [-1, Number.NaN],
    [1, -1],
    [1, Number.POSITIVE_INFINITY],
  ])('refuses %d at a price of %d', (n, usdPerMillion) => {
    expect(() => totalUsd([{ count: n, usdPerMillion }])).toThrow(RangeError);
  });
});

describe('roundedUsd', () => {
  it('keeps 12 decimals', () => {
    expect(roundedUsd(0.1 + 0.2)).toBe(0.3);
    expect(roundedUsd(0.04)).toBe(0.04);
  });
});
