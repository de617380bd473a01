import { join } from 'node:path';

/** Longest file name that we make; systems allow 255 bytes. */
const MAX_NAME_BYTES = 200;

/**
 * Where a key's bytes lie below its bucket's folder: a path that reads like the key and cannot leave the folder. Bytes
 * that a file name should not have are percent-encoded. A key and a "folder" of the same name never meet: a last part
 * without a dot, and a folder with one, end in a bare `%`, which no encoding makes; a folder without a name is `%%`.
 */
export function keyPath(key: string): string {
  const parts = key.split('/');
  const leaf = parts.pop() ?? '';
  const folders = parts.map((part) => (part === '' ? '%%' : named(part, part.includes('.'))));
  return join(...folders.flatMap(shortened), ...shortened(named(leaf, !leaf.includes('.'))));
}

function named(part: string, marked: boolean): string {
  const encoded = Buffer.from(part, 'utf8').reduce((name, byte) => name + encodedByte(byte), '');
  // No part may be "..", nor one of this engine's own hidden files.
  const safe = encoded.replace(/^\./, '%2E');
  return marked ? `${safe}%` : safe;
}

function encodedByte(byte: number): string {
  const char = String.fromCharCode(byte);
  return /[\w.@=+,~-]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

/** A long name as folders in each other; every part but the last ends in `%-`. */
function shortened(name: string): string[] {
  const parts: string[] = [];
  let rest = name;
  while (rest.length > MAX_NAME_BYTES) {
    parts.push(`${rest.slice(0, MAX_NAME_BYTES - 2)}%-`);
    rest = rest.slice(MAX_NAME_BYTES - 2);
  }
  return [...parts, rest];
}
