import type { Bucket } from './bucket.js';
import { S3Error } from './s3-error.js';
import { byBytes } from './sorted-keys.js';
import { document, element } from './xml.js';

const MAX_KEYS = 1_000;

/** ListObjectsV2: keys in byte order below a prefix, folded at a delimiter, a page at a time. */
export function listObjects(name: string, bucket: Bucket, query: URLSearchParams): string {
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const limit = limitOf(query.get('max-keys'));
  const token = query.get('continuation-token');
  const after = token === null ? query.get('start-after') : decoded(token);
  const shown = query.get('encoding-type') === 'url' ? urlEncoded : (text: string) => text;
  const page = pageOf(bucket, { prefix, delimiter, limit, after });
  const contents = page.keys.map((key) => {
    const { etag, size, lastModifiedMs } = bucket.get(key);
    return element('Contents', [
      element('Key', shown(key)),
      element('LastModified', new Date(lastModifiedMs).toISOString()),
      element('ETag', `"${etag}"`),
      element('Size', String(size)),
      element('StorageClass', 'STANDARD'),
    ]);
  });
  return document('ListBucketResult', [
    element('Name', name),
    element('Prefix', shown(prefix)),
    ...(delimiter ? [element('Delimiter', shown(delimiter))] : []),
    ...(query.has('encoding-type') ? [element('EncodingType', 'url')] : []),
    element('MaxKeys', String(limit)),
    element('KeyCount', String(page.keys.length + page.prefixes.length)),
    element('IsTruncated', String(page.next !== null)),
    ...(token === null ? [] : [element('ContinuationToken', token)]),
    ...(page.next === null ? [] : [element('NextContinuationToken', Buffer.from(page.next).toString('base64url'))]),
    ...contents,
    ...page.prefixes.map((common) => element('CommonPrefixes', [element('Prefix', shown(common))])),
  ]);
}

interface PageQuery {
  readonly prefix: string;
  readonly delimiter: string;
  readonly limit: number;
  /** Exclusive; a common prefix leaves out all keys below it. */
  readonly after: string | null;
}

interface Page {
  readonly keys: string[];
  readonly prefixes: string[];
  /** Where the next page begins after; null on the last page. */
  readonly next: string | null;
}

function pageOf(bucket: Bucket, { prefix, delimiter, limit, after }: PageQuery): Page {
  const keys: string[] = [];
  const prefixes: string[] = [];
  let last: string | null = null;
  for (const key of bucket.keys()) {
    if (!key.startsWith(prefix)) continue;
    const cut = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
    const item = cut < 0 ? key : key.slice(0, cut + delimiter.length);
    if (item === last || (after !== null && byBytes(item, after) <= 0)) continue;
    if (keys.length + prefixes.length === limit) return { keys, prefixes, next: last };
    (cut < 0 ? keys : prefixes).push(item);
    last = item;
  }
  return { keys, prefixes, next: null };
}

function limitOf(text: string | null): number {
  if (text === null) return MAX_KEYS;
  if (!/^\d{1,10}$/.test(text)) throw new S3Error('InvalidArgument', 'max-keys must be a whole number.');
  return Math.min(Number(text), MAX_KEYS);
}

function decoded(token: string): string {
  const text = Buffer.from(token, 'base64url').toString('utf8');
  if (Buffer.from(text).toString('base64url') !== token) {
    throw new S3Error('InvalidArgument', 'The continuation token provided is incorrect.');
  }
  return text;
}

function urlEncoded(text: string): string {
  return encodeURIComponent(text).replaceAll('%2F', '/');
}
