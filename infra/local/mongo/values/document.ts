import { deserialize, serialize, type DeserializeOptions } from 'bson';

/** A BSON document in memory: a plain object. Stored ones are never changed in place. */
export type Document = Record<string, unknown>;

const DECODING: DeserializeOptions = { promoteValues: true, promoteLongs: true, promoteBuffers: false };

/** True for documents only: not for arrays, dates or BSON's own classes. */
export function isDocument(value: unknown): value is Document {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The field, when the document itself has it; what it inherits from Object is no field. */
export function fieldOf(document: Document, name: string): unknown {
  return Object.hasOwn(document, name) ? document[name] : undefined;
}

/** Sets a field, also one called `__proto__`. */
export function setField(document: Document, name: string, value: unknown): void {
  if (name === '__proto__') {
    Object.defineProperty(document, name, { value, writable: true, enumerable: true, configurable: true });
  } else {
    document[name] = value;
  }
}

/** A copy whose documents and arrays can be changed; the values in it are shared. */
export function copyOf<T>(value: T): T;
export function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf);
  if (!isDocument(value)) return value;
  const copy: Document = {};
  for (const name of Object.keys(value)) setField(copy, name, copyOf(value[name]));
  return copy;
}

/** Int32, Double and any Long that a double holds exactly become numbers, so that they compare as MongoDB compares them. */
export function decode(bytes: Uint8Array): Document {
  return deserialize(bytes, DECODING);
}

export function encode(document: Document): Uint8Array {
  return serialize(document, { ignoreUndefined: true });
}
