/** Keys in the order of their UTF-8 bytes. One more or less takes a search, not a sort. */
export class SortedKeys {
  readonly #keys: string[];

  constructor(keys: Iterable<string>) {
    this.#keys = [...keys].toSorted(byBytes);
  }

  /** Not a copy: it changes with the next key that is added or deleted. */
  get keys(): readonly string[] {
    return this.#keys;
  }

  /** Adds a key that is not there yet. */
  add(key: string): void {
    this.#keys.splice(this.#placeOf(key), 0, key);
  }

  /** Deletes a key that is there. */
  delete(key: string): void {
    this.#keys.splice(this.#placeOf(key), 1);
  }

  /** How many keys come before it. */
  #placeOf(key: string): number {
    let [start, end] = [0, this.#keys.length];
    while (start < end) {
      const middle = (start + end) >> 1;
      if (byBytes(this.#keys[middle] ?? '', key) < 0) start = middle + 1;
      else end = middle;
    }
    return start;
  }
}

/** Compares by UTF-8 bytes, which is the order of code points, without encoding either text. */
export function byBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** A place among UTF-16 units by code points: surrogates stand for those above U+FFFF, so they come after U+E000 to U+FFFF. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
