/** Marks at the start of a text that say how it is encoded (WHATWG Encoding §6.1). */
const MARKS: readonly (readonly [string, readonly number[]])[] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16be', [0xfe, 0xff]],
  ['utf-16le', [0xff, 0xfe]],
];
/** How far browsers look for `<meta charset>` (WHATWG HTML §13.2.3.2). */
const META_WITHIN = 1_024;
/** What a page without any sign is taken for that is not UTF-8, as browsers do in the west. */
const FALLBACK = 'windows-1252';

/**
 * The text in `bytes`: by their mark, else by the `charset` of their type, else by `<meta>`, else as UTF-8 where they are that.
 * Never fails: unknown names of encodings are passed over, and what is no character becomes U+FFFD.
 */
export function decodeText(bytes: Uint8Array, contentType: string | null): string {
  const mark = MARKS.find(([, start]) => start.every((byte, at) => bytes[at] === byte));
  const declared = /;\s*charset\s*=\s*["']?([\w.:-]+)/i.exec(contentType ?? '')?.[1];
  const decoder = decoderOf(mark?.[0]) ?? decoderOf(declared) ?? decoderOf(metaCharset(bytes));
  if (decoder) return decoder.decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder(FALLBACK).decode(bytes);
  }
}

/** A page that can be read as ASCII as far as here is not in UTF-16, whatever it says: the standard takes that for UTF-8. */
function metaCharset(bytes: Uint8Array): string | undefined {
  const start = Buffer.from(bytes.subarray(0, META_WITHIN)).toString('latin1');
  const name = /<meta[^>]{0,300}?charset\s*=\s*["']?\s*([\w.:-]+)/i.exec(start)?.[1]?.toLowerCase();
  return name?.startsWith('utf-16') ? 'utf-8' : name;
}

function decoderOf(label: string | undefined): InstanceType<typeof TextDecoder> | undefined {
  if (label === undefined) return undefined;
  try {
    return new TextDecoder(label);
  } catch {
    return undefined;
  }
}
