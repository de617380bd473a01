import type { S3Client } from '@aws-sdk/client-s3';
import { SignatureV4 } from '@smithy/signature-v4';
import { ExponentialBackoff, fullJitterGenerator, handleWhen, retry } from 'cockatiel';
import { Pool } from 'undici';
import { isLostConnection } from '#shared/errors/failure-cause.js';

export interface S3Call {
  readonly method: 'GET' | 'PUT' | 'DELETE';
  readonly key: string;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

export interface S3Reply {
  readonly bytes: Uint8Array;
  readonly etag: string;
}

/** What a store answers to a call that it does not carry out. */
export class S3Refusal extends Error {
  override readonly name = 'S3Refusal';

  constructor(
    readonly status: number,
    /** As in `NoSuchKey`; empty when the answer names none. */
    readonly code: string,
  ) {
    super(`the store answered ${status} ${code}`.trimEnd());
  }
}

export interface S3Place {
  readonly bucket: string;
  readonly region: string;
  /** Absent for AWS itself. */
  readonly endpoint?: string | undefined;
}

export const MAX_CONNECTIONS = 50;
const CONNECT_MS = 2_000;
const ANSWER_MS = 15_000;
const MAX_ATTEMPTS = 3;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;
/** As in the AWS SDK's standard retry mode: what may go well the next time. */
const TRANSIENT: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);
/** What S3 answers with 400 to a body that came too slowly. */
const STALLED = 'RequestTimeout';

/**
 * Single objects of one bucket over kept connections, at a third of the processor time that the SDK's client takes for a call.
 * Address, signature and credentials are the SDK's own. Calls that fail in transit, that the store asks to slow down or that
 * break it are made up to three times.
 */
export class S3Connection {
  readonly #pool: Pool;
  readonly #signer: SignatureV4;
  readonly #host: string;
  readonly #protocol: string;
  readonly #folder: string;
  readonly #retry = retry(handleWhen(isTransient), {
    maxAttempts: MAX_ATTEMPTS - 1,
    backoff: new ExponentialBackoff({
      generator: fullJitterGenerator,
      initialDelay: FIRST_PAUSE_MS,
      maxDelay: LONGEST_PAUSE_MS,
    }),
  });

  constructor({ config }: Pick<S3Client, 'config'>, place: S3Place) {
    const { origin, host, protocol, pathname } = bucketAddress(config, place);
    this.#host = host;
    this.#protocol = protocol;
    this.#folder = pathname.endsWith('/') ? pathname : `${pathname}/`;
    const { credentials, sha256 } = config;
    // The path is escaped once, as S3 has it.
    this.#signer = new SignatureV4({ service: 's3', region: place.region, credentials, sha256, uriEscapePath: false });
    this.#pool = new Pool(origin, {
      connections: MAX_CONNECTIONS,
      connect: { timeout: CONNECT_MS },
      headersTimeout: ANSWER_MS,
      bodyTimeout: ANSWER_MS,
    });
  }

  /** Throws {@link S3Refusal} for what the store answers with an error, and what `undici` throws. */
  send(call: S3Call): Promise<S3Reply> {
    return this.#retry.execute(() => this.#sendOnce(call));
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }

  async #sendOnce({ method, key, headers, body }: S3Call): Promise<S3Reply> {
    const path = this.#folder + escapedPath(key);
    const signed = await this.#signer.sign({
      method,
      protocol: this.#protocol,
      hostname: this.#host,
      path,
      query: {},
      headers: { ...headers, host: this.#host },
      body: body ?? '',
    });
    const reply = await this.#pool.request({ method, path, headers: signed.headers, body: body ?? null });
    const bytes = await reply.body.bytes();
    if (reply.statusCode >= 300) throw new S3Refusal(reply.statusCode, codeOf(bytes));
    return { bytes, etag: String(reply.headers.etag ?? '') };
  }
}

function bucketAddress(config: S3Client['config'], { bucket, region, endpoint }: S3Place): URL {
  return config.endpointProvider({
    Bucket: bucket,
    Region: region,
    ...(endpoint !== undefined && { Endpoint: endpoint, ForcePathStyle: true }),
  }).url;
}

/** RFC 3986, as the signature has it; `encodeURIComponent` leaves five more characters alone. */
function escapedPath(key: string): string {
  const escaped = encodeURIComponent(key).replaceAll('%2F', '/');
  return escaped.replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function codeOf(answer: Uint8Array): string {
  return /<Code>(\w{1,100})<\/Code>/.exec(Buffer.from(answer).toString('utf8'))?.[1] ?? '';
}

function isTransient(error: unknown): boolean {
  if (error instanceof S3Refusal) return TRANSIENT.has(error.status) || error.code === STALLED;
  return isLostConnection(error);
}
