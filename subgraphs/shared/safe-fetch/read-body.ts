import type { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createUnzip } from 'node:zlib';
import { FetchRefused } from './fetch-refused.js';

/** What `Accept-Encoding` names; `createUnzip` reads gzip and zlib, which `deflate` is (RFC 9110 §8.4.1.2). */
const DECODERS: ReadonlyMap<string, () => Transform> = new Map([
  ['gzip', createUnzip],
  ['x-gzip', createUnzip],
  ['deflate', createUnzip],
  ['br', createBrotliDecompress],
]);

export const ACCEPT_ENCODING = 'gzip, deflate, br';

/**
 * The whole body, decoded, as long as that is at most `maxBytes`: decoding stops there, so that a bomb stays small.
 * Throws FetchRefused for a longer one and for other or several encodings, and what zlib throws for a broken one.
 */
export async function readBody(
  body: Readable,
  { encoding, maxBytes, signal }: { encoding: string; maxBytes: number; signal: AbortSignal },
): Promise<Uint8Array> {
  const name = encoding.trim().toLowerCase();
  const decoder = DECODERS.get(name);
  if (!decoder && name !== '' && name !== 'identity') throw new FetchRefused('an encoding that was not asked for');
  const collect = async (source: AsyncIterable<Uint8Array>): Promise<Uint8Array> => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of source) {
      size += chunk.length;
      if (size > maxBytes) throw new FetchRefused(`more than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks, size);
  };
  return decoder ? pipeline(body, decoder(), collect, { signal }) : pipeline(body, collect, { signal });
}
