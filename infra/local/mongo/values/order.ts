import { type Binary, Decimal128, Long, type ObjectId, type Timestamp } from 'bson';
import { compareDecimals, decimalOf } from './decimal.js';
import { encode, type Document } from './document.js';
import { typeName } from './type-name.js';

/** https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/ (values of one rank compare with each other). */
const RANKS: Readonly<Record<string, number>> = {
  minKey: 0,
  missing: 1,
  null: 2,
  int: 3,
  long: 3,
  double: 3,
  decimal: 3,
  symbol: 4,
  string: 4,
  object: 5,
  array: 6,
  binData: 7,
  objectId: 8,
  bool: 9,
  date: 10,
  timestamp: 11,
  regex: 12,
  javascript: 13,
  maxKey: 14,
};

export function rankOf(value: unknown): number {
  if (typeof value === 'number') return 3;
  if (typeof value === 'string') return 4;
  return RANKS[typeName(value)] ?? 5;
}

/** Negative, zero or positive, in the order MongoDB sorts by. A missing value comes before null. */
export function compareValues(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return compareNumbers(a, b);
  if (typeof a === 'string' && typeof b === 'string') return compareStrings(a, b);
  const rank = rankOf(a);
  const difference = rank - rankOf(b);
  return difference === 0 ? compareWithinRank(rank, a, b) : difference;
}

/** As `compareValues`, but a missing field sorts as null does. */
export function compareForSort(a: unknown, b: unknown): number {
  return compareValues(a ?? null, b ?? null);
}

export function sameValue(a: unknown, b: unknown): boolean {
  return compareValues(a, b) === 0;
}

function compareWithinRank(rank: number, a: unknown, b: unknown): number {
  switch (rank) {
    case 3:
      return compareMixedNumbers(a, b);
    case 4:
      return compareStrings(String(a), String(b));
    case 5:
      return compareDocuments(a as Document, b as Document);
    case 6:
      return compareArrays(a as unknown[], b as unknown[]);
    case 7:
      return compareBinaries(a as Binary, b as Binary);
    case 8:
      return compareStrings((a as ObjectId).toHexString(), (b as ObjectId).toHexString());
    case 9:
      return Number(a) - Number(b);
    case 10:
      return compareNumbers((a as Date).getTime(), (b as Date).getTime());
    case 11:
      return (a as Timestamp).compare(b as Timestamp);
    case 12:
    case 13:
      return Buffer.compare(encode({ value: a }), encode({ value: b }));
    default:
      return 0;
  }
}

/** NaN sorts before every other number and equals itself. */
function compareNumbers(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return 0;
  return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
}

function compareMixedNumbers(a: unknown, b: unknown): number {
  if (a instanceof Decimal128 || b instanceof Decimal128 || Long.isLong(a) || Long.isLong(b)) {
    return compareDecimals(decimalOf(a), decimalOf(b));
  }
  return compareNumbers(Number(a), Number(b));
}

/** By UTF-8 bytes, which differs from JavaScript's order only where one of the two first differing units is a surrogate. */
function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const unitA = a.charCodeAt(at);
    const unitB = b.charCodeAt(at);
    if (unitA !== unitB) return byteOrder(unitA) - byteOrder(unitB);
  }
  return a.length - b.length;
}

function byteOrder(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

function compareDocuments(a: Document, b: Document): number {
  const namesA = Object.keys(a);
  const namesB = Object.keys(b);
  const length = Math.min(namesA.length, namesB.length);
  for (let at = 0; at < length; at += 1) {
    const nameA = namesA[at] ?? '';
    const nameB = namesB[at] ?? '';
    const order =
      rankOf(a[nameA]) - rankOf(b[nameB]) || compareStrings(nameA, nameB) || compareValues(a[nameA], b[nameB]);
    if (order !== 0) return order;
  }
  return namesA.length - namesB.length;
}

function compareArrays(a: readonly unknown[], b: readonly unknown[]): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const order = compareValues(a[at], b[at]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareBinaries(a: Binary, b: Binary): number {
  const bytesA = a.value();
  const bytesB = b.value();
  return bytesA.length - bytesB.length || a.sub_type - b.sub_type || Buffer.compare(bytesA, bytesB);
}
