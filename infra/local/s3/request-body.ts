import { hash } from 'node:crypto';
import { finished } from 'node:stream/promises';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { crc32 } from 'node:zlib';
import { S3Error } from './s3-error.js';
import { equal, hmac, sha256, type Authorized } from './signature.js';

const EMPTY_SHA256 = sha256('');

/**
 * Reads a request's body whole and proves it: the signed hash, chunk signatures of `aws-chunked` bodies, Content-MD5 and
 * the checksums that clients send. Throws S3's refusals.
 */
export async function readBody(request: IncomingMessage, authorized: Authorized, maxBytes: number): Promise<Buffer> {
  const raw = await collected(request, maxBytes);
  const { payloadHash } = authorized;
  const streaming = payloadHash.startsWith('STREAMING-');
  if (!streaming && payloadHash !== 'UNSIGNED-PAYLOAD' && !equal(sha256(raw), payloadHash)) {
    throw new S3Error(
      'XAmzContentSHA256Mismatch',
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
  }
  const { bytes, trailers } = streaming ? dechunked(raw, authorized) : { bytes: raw, trailers: {} };
  const declared = request.headers['x-amz-decoded-content-length'];
  if (declared !== undefined && Number(declared) !== bytes.length) throw incomplete();
  checkDigests(bytes, { ...request.headers, ...trailers });
  return bytes;
}

/** By its events: an asynchronous iteration costs more than all the rest for a body of one piece. */
async function collected(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= maxBytes) chunks.push(chunk);
  });
  await finished(request, { writable: false });
  if (size > maxBytes) throw tooLarge();
  const [only] = chunks;
  return only && chunks.length === 1 ? only : Buffer.concat(chunks);
}

function tooLarge(): S3Error {
  return new S3Error('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size.');
}

interface Dechunked {
  readonly bytes: Buffer;
  readonly trailers: Readonly<Record<string, string>>;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and sigv4-streaming-trailers.html */
function dechunked(raw: Buffer, authorized: Authorized): Dechunked {
  const signed = authorized.payloadHash.startsWith('STREAMING-AWS4-HMAC-SHA256');
  const chunks: Buffer[] = [];
  let previous = authorized.signature;
  let at = 0;
  for (;;) {
    const end = raw.indexOf('\r\n', at);
    const head = /^([0-9a-f]{1,8})(?:;chunk-signature=([0-9a-f]{64}))?$/i.exec(
      end < 0 ? '' : raw.toString('latin1', at, end),
    );
    if (!head) throw incomplete();
    const size = Number.parseInt(head[1] ?? '', 16);
    const chunk = raw.subarray(end + 2, end + 2 + size);
    if (chunk.length !== size) throw incomplete();
    if (signed) previous = checkedChunk(chunk, head[2] ?? '', previous, authorized);
    at = end + 2 + size;
    if (size === 0) break;
    if (raw.toString('latin1', at, at + 2) !== '\r\n') throw incomplete();
    at += 2;
    chunks.push(chunk);
  }
  return {
    bytes: Buffer.concat(chunks),
    trailers: trailersOf(raw.toString('latin1', at), signed, previous, authorized),
  };
}

function checkedChunk(
  chunk: Buffer,
  signature: string,
  previous: string,
  { signingKey, scope, timestamp }: Authorized,
): string {
  const toSign = ['AWS4-HMAC-SHA256-PAYLOAD', timestamp, scope, previous, EMPTY_SHA256, sha256(chunk)].join('\n');
  if (!equal(hmac(signingKey, toSign).toString('hex'), signature)) throw mismatch();
  return signature;
}

function trailersOf(text: string, signed: boolean, previous: string, authorized: Authorized): Record<string, string> {
  const lines = text.split('\r\n').filter((line) => line !== '');
  const fields = lines.map(
    (line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()] as const,
  );
  const { 'x-amz-trailer-signature': signature, ...trailers } = Object.fromEntries(fields) as Record<string, string>;
  if (signed && authorized.payloadHash.endsWith('-TRAILER')) {
    const canonical = Object.entries(trailers)
      .map(([name, value]) => `${name}:${value}\n`)
      .join('');
    const { signingKey, scope, timestamp } = authorized;
    const toSign = ['AWS4-HMAC-SHA256-TRAILER', timestamp, scope, previous, sha256(canonical)].join('\n');
    if (!equal(hmac(signingKey, toSign).toString('hex'), signature ?? '')) throw mismatch();
  }
  return trailers;
}

function checkDigests(bytes: Buffer, headers: IncomingHttpHeaders): void {
  const md5 = headers['content-md5'];
  if (md5 !== undefined) {
    if (Buffer.from(String(md5), 'base64').length !== 16)
      throw new S3Error('InvalidDigest', 'The Content-MD5 you specified is not valid.');
    checkDigest(String(md5), hash('md5', bytes, 'base64'));
  }
  const crc = headers['x-amz-checksum-crc32'];
  if (crc !== undefined) {
    const own = Buffer.alloc(4);
    own.writeUInt32BE(crc32(bytes));
    checkDigest(String(crc), own.toString('base64'));
  }
  for (const algorithm of ['sha1', 'sha256'] as const) {
    const sent = headers[`x-amz-checksum-${algorithm}`];
    if (sent !== undefined) checkDigest(String(sent), hash(algorithm, bytes, 'base64'));
  }
}

function checkDigest(sent: string, own: string): void {
  if (!equal(sent, own)) throw new S3Error('BadDigest', 'The checksum you specified did not match what we received.');
}

function incomplete(): S3Error {
  return new S3Error('IncompleteBody', 'The request body is not what its headers declare.');
}

function mismatch(): S3Error {
  return new S3Error('SignatureDoesNotMatch', 'A chunk signature does not match.');
}
