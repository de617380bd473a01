import { hash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { unquoted, type Bucket } from './bucket.js';
import type { ObjectInfo } from './bucket-entry.js';
import { S3Error } from './s3-error.js';
import { rangeOf, type ByteRange } from './s3-request.js';
import { tagsOfHeader, tagsOfXml, tagsXml } from './tags.js';

/** One request for one object, its signature already checked. */
export interface ObjectCall {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly bucket: Bucket;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly nowMs: number;
  body(): Promise<Buffer>;
}

/** What S3 has for objects and this engine does not; answered with 501 rather than misread as something else. */
const NOT_HERE = [
  'acl',
  'attributes',
  'legal-hold',
  'retention',
  'torrent',
  'uploadId',
  'uploads',
  'versionId',
  'select',
];

export async function serveObject(call: ObjectCall): Promise<void> {
  const { request, query } = call;
  const missing = NOT_HERE.find((name) => query.has(name));
  if (missing) throw new S3Error('NotImplemented', `"${missing}" is not implemented here.`);
  const route = `${request.method} ${query.has('tagging') ? 'tagging' : 'object'}`;
  const serve = ROUTES[route];
  if (!serve) throw new S3Error('MethodNotAllowed', 'The specified method is not allowed against this resource.');
  await serve(call);
}

const ROUTES: Readonly<Record<string, (call: ObjectCall) => Promise<void>>> = {
  'PUT object': putObject,
  'GET object': getObject,
  'HEAD object': headObject,
  async 'DELETE object'({ request, bucket, key, response }) {
    if (request.headers['if-match']) throw new S3Error('NotImplemented', 'Deletions have no conditions here.');
    await bucket.delete(key);
    response.writeHead(204).end();
  },
  async 'GET tagging'({ bucket, key, response }) {
    const { tags } = bucket.get(key);
    response.writeHead(200, { 'content-type': 'application/xml' }).end(tagsXml(tags));
  },
  async 'PUT tagging'({ bucket, key, response, body }) {
    await bucket.setTags(key, tagsOfXml((await body()).toString('utf8')));
    response.writeHead(200).end();
  },
  async 'DELETE tagging'({ bucket, key, response }) {
    await bucket.setTags(key, {});
    response.writeHead(204).end();
  },
};

async function putObject({ request, response, bucket, key, nowMs, body }: ObjectCall): Promise<void> {
  const { headers } = request;
  if (headers['x-amz-copy-source']) throw new S3Error('NotImplemented', 'Copying is not implemented here.');
  const ifNoneMatch = headers['if-none-match'];
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') {
    throw new S3Error('NotImplemented', 'If-None-Match is implemented for "*" only.');
  }
  const bytes = await body();
  const info: ObjectInfo = {
    etag: hash('md5', bytes, 'hex'),
    size: bytes.length,
    lastModifiedMs: Math.floor(nowMs / 1000) * 1000,
    contentType: headers['content-type'] ?? 'binary/octet-stream',
    metadata: metadataOf(headers),
    tags: tagsOfHeader(headers['x-amz-tagging'] as string | undefined),
  };
  await bucket.put(key, bytes, info, { ifMatch: headers['if-match'], ifNoneMatch });
  response.writeHead(200, { etag: `"${info.etag}"` }).end();
}

async function getObject({ request, response, bucket, key, query }: ObjectCall): Promise<void> {
  const { info, content } = await bucket.open(key);
  try {
    const range = answerHead(request.headers, response, info, query);
    if (range === null) response.end();
    else if (Buffer.isBuffer(content)) response.end(content.subarray(range.start, range.end + 1));
    else await pipeline(content.createReadStream({ ...range, autoClose: false }), response);
  } finally {
    if (!Buffer.isBuffer(content)) await content.close();
  }
}

async function headObject({ request, response, bucket, key, query }: ObjectCall): Promise<void> {
  answerHead(request.headers, response, bucket.get(key), query);
  response.end();
}

/** Writes status and headers; returns the bytes that are to follow, or null for none. */
function answerHead(
  headers: IncomingHttpHeaders,
  response: ServerResponse,
  info: ObjectInfo,
  query: URLSearchParams,
): ByteRange | null {
  if (readConditions(headers, info) === 304) {
    response.writeHead(304, { etag: `"${info.etag}"` });
    return null;
  }
  const range = rangeOf(headers.range, info.size);
  response.writeHead(range ? 206 : 200, {
    ...objectHeaders(info, query),
    'content-length': range ? range.end - range.start + 1 : info.size,
    ...(range && { 'content-range': `bytes ${range.start}-${range.end}/${info.size}` }),
  });
  return info.size === 0 ? null : (range ?? { start: 0, end: info.size - 1 });
}

function readConditions(headers: IncomingHttpHeaders, { etag }: ObjectInfo): 200 | 304 {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = headers;
  if (ifMatch !== undefined && ifMatch !== '*' && unquoted(ifMatch) !== etag) {
    throw new S3Error('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold.');
  }
  return ifNoneMatch !== undefined && (ifNoneMatch === '*' || unquoted(ifNoneMatch) === etag) ? 304 : 200;
}

function objectHeaders(info: ObjectInfo, query: URLSearchParams): Record<string, string> {
  const tagCount = Object.keys(info.tags).length;
  const disposition = query.get('response-content-disposition');
  const cacheControl = query.get('response-cache-control');
  return {
    etag: `"${info.etag}"`,
    'last-modified': new Date(info.lastModifiedMs).toUTCString(),
    'accept-ranges': 'bytes',
    'content-type': query.get('response-content-type') ?? info.contentType,
    ...(disposition !== null && { 'content-disposition': disposition }),
    ...(cacheControl !== null && { 'cache-control': cacheControl }),
    ...(tagCount > 0 && { 'x-amz-tagging-count': String(tagCount) }),
    ...Object.fromEntries(Object.entries(info.metadata).map(([name, value]) => [`x-amz-meta-${name}`, value])),
  };
}

function metadataOf(headers: IncomingHttpHeaders): Record<string, string> {
  const prefix = 'x-amz-meta-';
  const own = Object.entries(headers).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(own.map(([name, value]) => [name.slice(prefix.length), String(value)]));
}
