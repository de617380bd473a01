import type { IncomingMessage } from 'node:http';
import { S3Error } from './s3-error.js';

/** A request's target: which bucket, which key, and the query, path style. */
export interface Target {
  readonly rawPath: string;
  readonly bucket: string;
  /** Null for a request to the bucket itself. */
  readonly key: string | null;
  readonly query: URLSearchParams;
}

const MAX_KEY_BYTES = 1024;

/** Reads `/bucket/key?query`. Throws S3's refusals for what is no such thing. */
export function targetOf({ url = '/' }: IncomingMessage): Target {
  const cut = url.indexOf('?');
  const rawPath = cut < 0 ? url : url.slice(0, cut);
  // "+" stands for itself in an S3 query, not for a space.
  const query = new URLSearchParams(cut < 0 ? '' : url.slice(cut + 1).replaceAll('+', '%2B'));
  const path = decodedPath(rawPath);
  const slash = path.indexOf('/', 1);
  const bucket = slash < 0 ? path.slice(1) : path.slice(1, slash);
  const key = slash < 0 ? '' : path.slice(slash + 1);
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) throw new S3Error('KeyTooLongError', 'Your key is too long.');
  if (key.includes('\0')) throw new S3Error('InvalidArgument', 'A key cannot hold NUL.');
  return { rawPath, bucket, key: key === '' ? null : key, query };
}

function decodedPath(rawPath: string): string {
  try {
    return decodeURIComponent(rawPath);
  } catch {
    throw new S3Error('InvalidArgument', 'The path is not valid UTF-8.');
  }
}

export interface ByteRange {
  readonly start: number;
  /** Inclusive. */
  readonly end: number;
}

/** One `bytes=` range (RFC 9110 §14.1.2) within `size` bytes; undefined where there is none to honour. Throws InvalidRange. */
export function rangeOf(header: string | undefined, size: number): ByteRange | undefined {
  const parts = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  const [, first = '', last = ''] = parts ?? [];
  if (!parts || (first === '' && last === '')) return undefined;
  const start = first === '' ? Math.max(size - Number(last), 0) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined;
  if (start >= size || (first === '' && Number(last) === 0)) {
    throw new S3Error('InvalidRange', 'The requested range is not satisfiable');
  }
  return { start, end };
}
