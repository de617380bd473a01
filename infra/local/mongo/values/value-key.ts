import { Decimal128, Long, ObjectId } from 'bson';
import { decimalKey } from './decimal.js';
import { encode, isDocument, type Document } from './document.js';

/** A text that is the same for two values exactly when MongoDB calls them equal: for look-ups in a Map. */
export function keyOf(value: unknown): string {
  if (typeof value === 'string') return `s${value}`;
  if (typeof value === 'number') return numberKey(value);
  if (value === null) return 'null';
  if (value === undefined) return 'missing';
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (value instanceof Date) return `d${value.getTime()}`;
  if (Array.isArray(value)) return `[${keysOf(value)}]`;
  if (isDocument(value)) return documentKey(value);
  return classKey(value);
}

/** The key of several values in their order. */
export function keysOf(values: readonly unknown[]): string {
  let keys = '';
  for (const value of values) keys += framed(keyOf(value));
  return keys;
}

function numberKey(value: number): string {
  // Small whole numbers, nearly all of them, need no arithmetic; the rest must look like an equal Long or Decimal128.
  return Number.isSafeInteger(value) ? `n${value === 0 ? 0 : value}` : `N${decimalKey(value)}`;
}

function documentKey(document: Document): string {
  let key = '{';
  for (const name of Object.keys(document)) key += framed(name) + framed(keyOf(document[name]));
  return `${key}}`;
}

function classKey(value: unknown): string {
  if (Long.isLong(value) || value instanceof Decimal128) {
    const number = Number(String(value));
    return Number.isSafeInteger(number) && decimalKey(number) === decimalKey(value)
      ? numberKey(number)
      : `N${decimalKey(value)}`;
  }
  if (value instanceof ObjectId) return `i${value.toHexString()}`;
  // BSON's rarer classes have no text of their own that tells them apart; their bytes do.
  return `b${Buffer.from(encode({ value })).toString('latin1')}`;
}

/** With its length in front, so that no text can look like two. */
function framed(text: string): string {
  return `${text.length}:${text}`;
}
