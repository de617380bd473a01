/** Decimals of a price per million tokens that count; the catalogue's have at most seven. */
const PRICE_DECIMALS = 12;
/** Costs are kept to the pico-dollar: one token at the lowest price of the catalogue is 2.5 of them. */
const COST_DECIMALS = 12;
/** From (10^-12 dollars per 10^6 tokens) to 10^-12 dollars. */
const PER_MILLION = 1_000_000n;

/** A quantity at a price in US dollars per million, such as tokens in. */
export interface Charge {
  readonly count: number;
  readonly usdPerMillion: number;
}

/**
 * The sum of charges in US dollars, rounded half up to 12 decimals. Computed in whole numbers, so that costs are decimals which add
 * up and hold no dust of binary fractions: two calls cost together what one of both would, to half a pico-dollar a call.
 * Throws a RangeError for a count that is no whole number, and for a price that is negative or not finite.
 */
export function totalUsd(charges: readonly Charge[]): number {
  const exact = charges.reduce((sum, { count, usdPerMillion }) => sum + BigInt(count) * scaled(usdPerMillion), 0n);
  return asDollars((exact + PER_MILLION / 2n) / PER_MILLION);
}

/** `usd` with no more than 12 decimals. */
export function roundedUsd(usd: number): number {
  return asDollars(scaled(usd));
}

function scaled(usd: number): bigint {
  if (!(usd >= 0 && usd < 1e9)) throw new RangeError('a price must be from 0 to a thousand million dollars');
  return BigInt(usd.toFixed(PRICE_DECIMALS).replace('.', ''));
}

/** The double nearest to the decimal, which prints as just that decimal. */
function asDollars(pico: bigint): number {
  const digits = pico.toString().padStart(COST_DECIMALS + 1, '0');
  return Number(`${digits.slice(0, -COST_DECIMALS)}.${digits.slice(-COST_DECIMALS)}`);
}
