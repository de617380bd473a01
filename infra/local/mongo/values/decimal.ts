/** A number of any BSON type, exactly: `digits * 10 ** exponent`, or one that is not finite. */
type Decimal =
  | { readonly kind: 'finite'; readonly digits: bigint; readonly exponent: number }
  | { readonly kind: 'nan' | 'negative' | 'positive' };

/** Exact for Decimal128 and Long; a double is taken as its shortest decimal. */
export function decimalOf(value: unknown): Decimal {
  const text = String(value).toLowerCase();
  if (text.includes('nan')) return { kind: 'nan' };
  if (text.includes('inf')) return { kind: text.startsWith('-') ? 'negative' : 'positive' };
  const [mantissa = '0', exponent = '0'] = text.split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  return normalized(BigInt(whole + fraction), Number(exponent) - fraction.length);
}

/** The same text for the same number, whatever its BSON type. */
export function decimalKey(value: unknown): string {
  const decimal = decimalOf(value);
  return decimal.kind === 'finite' ? `${decimal.digits}e${decimal.exponent}` : decimal.kind;
}

export function compareDecimals(a: Decimal, b: Decimal): number {
  if (a.kind !== 'finite' || b.kind !== 'finite') return placeOf(a) - placeOf(b);
  const exponent = Math.min(a.exponent, b.exponent);
  const left = a.digits * 10n ** BigInt(a.exponent - exponent);
  const right = b.digits * 10n ** BigInt(b.exponent - exponent);
  return left < right ? -1 : Number(left > right);
}

function placeOf({ kind }: Decimal): number {
  return { nan: 0, negative: 1, finite: 2, positive: 3 }[kind];
}

function normalized(digits: bigint, exponent: number): Decimal {
  if (digits === 0n) return { kind: 'finite', digits, exponent: 0 };
  let rest = digits;
  let power = exponent;
  while (rest % 10n === 0n) {
    rest /= 10n;
    power += 1;
  }
  return { kind: 'finite', digits: rest, exponent: power };
}
