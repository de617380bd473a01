import { fieldOf, isDocument } from './document.js';

export function segmentsOf(path: string): readonly string[] {
  return path.split('.');
}

export function isIndex(segment: string): boolean {
  return /^(?:0|[1-9]\d*)$/.test(segment);
}

/**
 * Whether any value that a dotted path leads to passes. Arrays on the way are gone through element by element, as in a
 * MongoDB query; the value at the end may itself be an array. A path that leads nowhere tests `undefined`.
 */
export function someValueAt(
  value: unknown,
  path: readonly string[],
  test: (leaf: unknown) => boolean,
  at = 0,
): boolean {
  const name = path[at];
  if (name === undefined) return test(value);
  if (isDocument(value)) return someValueAt(fieldOf(value, name), path, test, at + 1);
  if (!Array.isArray(value)) return test(undefined);
  if (isIndex(name) && Number(name) < value.length && someValueAt(value[Number(name)], path, test, at + 1)) return true;
  return value.some((element) => isDocument(element) && someValueAt(element, path, test, at));
}

/** Every value that a dotted path leads to, arrays at its end taken apart. An empty array counts as `undefined`. */
export function valuesAt(value: unknown, path: readonly string[]): unknown[] {
  const found: unknown[] = [];
  // Most paths are one name, and most values no list.
  const [name = ''] = path;
  if (path.length === 1 && isDocument(value) && !Array.isArray(value[name])) return [fieldOf(value, name)];
  someValueAt(value, path, (leaf) => {
    if (!Array.isArray(leaf)) found.push(leaf);
    else if (leaf.length === 0) found.push(undefined);
    else found.push(...(leaf as unknown[]));
    return false;
  });
  return found;
}
