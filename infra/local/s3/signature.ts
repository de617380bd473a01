import { createHmac, createSecretKey, hash, timingSafeEqual, type KeyObject } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { S3Error } from './s3-error.js';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface SignedRequest {
  readonly method: string;
  /** The path as it was sent, still encoded. */
  readonly rawPath: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
}

/** What a valid signature says of the request's body. */
export interface Authorized {
  /** The hash that was signed, or one of the `UNSIGNED-…`/`STREAMING-…` markers. */
  readonly payloadHash: string;
  /** To go on signing chunk by chunk. */
  readonly signature: string;
  readonly signingKey: KeyObject;
  readonly scope: string;
  readonly timestamp: string;
}

interface Claim {
  readonly credential: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly timestamp: string;
  readonly payloadHash: string;
  readonly presigned: boolean;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
const MAX_SKEW_MS = 15 * 60_000;
const MAX_EXPIRES_SEC = 7 * 86_400;
const MAX_SIGNING_KEYS = 9;

/**
 * Checks AWS Signature Version 4 in the Authorization header or in a presigned URL, with its time.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
 */
export class Gate {
  /** Per day, as presigned URLs of a week may need them. */
  readonly #signingKeys = new Map<string, KeyObject>();

  constructor(
    private readonly credentials: Credentials,
    private readonly region: string,
  ) {}

  /** Throws S3's own refusals. */
  authorize(request: SignedRequest, nowMs: number): Authorized {
    const claim = request.query.has('X-Amz-Signature') ? presignedClaim(request) : headerClaim(request);
    const date = this.#dateOf(claim);
    checkTime(claim, request.query, nowMs);
    const scope = `${date}/${this.region}/s3/aws4_request`;
    const signingKey = this.#signingKey(date);
    const toSign = [ALGORITHM, claim.timestamp, scope, sha256(canonicalRequest(request, claim))].join('\n');
    if (!equal(hmac(signingKey, toSign).toString('hex'), claim.signature)) {
      throw new S3Error(
        'SignatureDoesNotMatch',
        'The request signature we calculated does not match the signature you provided.',
      );
    }
    const { payloadHash, signature, timestamp } = claim;
    return { payloadHash, signature, signingKey, scope, timestamp };
  }

  /** The date of the claim's scope, once the rest of it is known to be ours. */
  #dateOf({ credential, timestamp }: Claim): string {
    const [accessKeyId, date = '', claimedRegion, service, terminator, ...more] = credential.split('/');
    if (accessKeyId !== this.credentials.accessKeyId) {
      throw new S3Error('InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.');
    }
    const inScope =
      claimedRegion === this.region && service === 's3' && terminator === 'aws4_request' && more.length === 0;
    if (!inScope || !timestamp.startsWith(`${date}T`)) {
      throw new S3Error(
        'AuthorizationHeaderMalformed',
        `The credential scope is not for today's ${this.region}/s3/aws4_request.`,
      );
    }
    return date;
  }

  #signingKey(date: string): KeyObject {
    const known = this.#signingKeys.get(date);
    if (known) return known;
    const dated = hmac(`AWS4${this.credentials.secretAccessKey}`, date);
    const key = createSecretKey([this.region, 's3', 'aws4_request'].reduce(hmac, dated));
    if (this.#signingKeys.size >= MAX_SIGNING_KEYS) this.#signingKeys.clear();
    this.#signingKeys.set(date, key);
    return key;
  }
}

function headerClaim({ headers }: SignedRequest): Claim {
  const { authorization = '' } = headers;
  if (!authorization) throw new S3Error('AccessDenied', 'Access Denied');
  const fields = /^AWS4-HMAC-SHA256 Credential=([^,\s]+),\s*SignedHeaders=([\w;-]+),\s*Signature=([0-9a-f]{64})$/.exec(
    authorization,
  );
  if (!fields) throw new S3Error('AuthorizationHeaderMalformed', 'The authorization header is malformed.');
  const [, credential = '', signedHeaders = '', signature = ''] = fields;
  const names = signedHeaders.split(';');
  if (!names.includes('host')) throw new S3Error('AccessDenied', 'The host header must be signed.');
  return {
    credential,
    signedHeaders: names,
    signature,
    timestamp: String(headers['x-amz-date'] ?? ''),
    payloadHash: String(headers['x-amz-content-sha256'] ?? ''),
    presigned: false,
  };
}

function presignedClaim({ query, headers }: SignedRequest): Claim {
  const required = ['X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Date', 'X-Amz-Expires', 'X-Amz-SignedHeaders'];
  if (required.some((name) => !query.get(name)) || query.get('X-Amz-Algorithm') !== ALGORITHM) {
    throw new S3Error('AuthorizationQueryParametersError', `Query-string authentication needs ${required.join(', ')}.`);
  }
  return {
    credential: query.get('X-Amz-Credential') ?? '',
    signedHeaders: (query.get('X-Amz-SignedHeaders') ?? '').split(';'),
    signature: query.get('X-Amz-Signature') ?? '',
    timestamp: query.get('X-Amz-Date') ?? '',
    payloadHash: String(headers['x-amz-content-sha256'] ?? query.get('X-Amz-Content-Sha256') ?? 'UNSIGNED-PAYLOAD'),
    presigned: true,
  };
}

function checkTime({ timestamp, presigned }: Claim, query: URLSearchParams, nowMs: number): void {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(timestamp);
  if (!parts) throw new S3Error('AccessDenied', 'A valid x-amz-date is needed.');
  const [, year, month, day, hour, minute, second] = parts;
  const signedMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (!presigned) {
    if (!(Math.abs(nowMs - signedMs) <= MAX_SKEW_MS)) throw tooSkewed();
    return;
  }
  const expiresSec = Number(query.get('X-Amz-Expires'));
  if (!Number.isInteger(expiresSec) || expiresSec < 1 || expiresSec > MAX_EXPIRES_SEC) {
    throw new S3Error(
      'AuthorizationQueryParametersError',
      'X-Amz-Expires must be a number of seconds, at most a week.',
    );
  }
  if (signedMs - nowMs > MAX_SKEW_MS) throw tooSkewed();
  if (nowMs > signedMs + expiresSec * 1000) throw new S3Error('AccessDenied', 'Request has expired');
}

function tooSkewed(): S3Error {
  return new S3Error(
    'RequestTimeTooSkewed',
    'The difference between the request time and the current time is too large.',
  );
}

function canonicalRequest({ method, rawPath, query, headers }: SignedRequest, claim: Claim): string {
  const params = [...query]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .toSorted();
  const lines = claim.signedHeaders.map((name) => `${name}:${headerValue(headers, name)}\n`);
  // S3 signs the path as it is sent, encoded once; what is not encoded in it is encoded the same way here.
  const path = decodeURIComponent(rawPath).split('/').map(encoded).join('/');
  return [method, path, params.join('&'), lines.join(''), claim.signedHeaders.join(';'), claim.payloadHash].join('\n');
}

function headerValue(headers: IncomingHttpHeaders, name: string): string {
  return String(headers[name] ?? '')
    .trim()
    .replaceAll(/ +/g, ' ');
}

function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

export function hmac(key: string | Buffer | KeyObject, text: string): Buffer {
  return createHmac('sha256', key).update(text, 'utf8').digest();
}

export function sha256(content: string | Uint8Array): string {
  return hash('sha256', content, 'hex');
}

export function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
