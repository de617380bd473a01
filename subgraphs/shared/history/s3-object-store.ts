import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { bulkhead } from 'cockatiel';
import { AppError } from '#shared/errors/app-error.js';
import type { DownloadTerms, ObjectStore, PutOptions, StoredObject } from './object-store.port.js';
import { MAX_CONNECTIONS, S3Connection, S3Refusal } from './s3-connection.js';

export interface S3Settings {
  /** Absent for AWS itself. */
  readonly endpoint?: string | undefined;
  /** What signed URLs name, where clients reach the store by another address. */
  readonly publicEndpoint?: string | undefined;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly bucket: string;
}

/** The SDK has no request timeout of its own. */
const TIMEOUTS = { connectionTimeout: 2_000, requestTimeout: 15_000, throwOnRequestTimeout: true };
const MAX_ATTEMPTS = 3;
/** A call that could not be made for so long is not made; who asked has had enough of waiting. */
const LONGEST_WAIT_MS = 30_000;
/** Answers of stores to a condition that does not hold: S3 has 412, and 409 while another write runs. */
const CONDITION_FAILED: ReadonlySet<number | undefined> = new Set([409, 412]);
const NO_BUCKET = 'NoSuchBucket';

/** A bucket of S3, MinIO, or the embedded engine. */
export class S3ObjectStore implements ObjectStore {
  readonly #client: S3Client;
  readonly #signer: S3Client;
  readonly #objects: S3Connection;
  /** A call that waited for a connection would run into the time that an answer may take. */
  readonly #calls = bulkhead(MAX_CONNECTIONS, Infinity);

  constructor(private readonly settings: S3Settings) {
    this.#client = new S3Client(clientConfig(settings, settings.endpoint));
    this.#signer = new S3Client(clientConfig(settings, settings.publicEndpoint ?? settings.endpoint));
    this.#objects = new S3Connection(this.#client, settings);
  }

  async put(key: string, bytes: Uint8Array, { contentType, create, ifMatch, tags }: PutOptions): Promise<boolean> {
    const headers = {
      'content-type': contentType,
      ...(create && { 'if-none-match': '*' }),
      ...(ifMatch !== undefined && { 'if-match': ifMatch }),
      ...(tags && { 'x-amz-tagging': new URLSearchParams(tags).toString() }),
    };
    try {
      await this.#inTurn(() => this.#objects.send({ method: 'PUT', key, headers, body: bytes }));
      return true;
    } catch (error) {
      const { status, code } = error instanceof S3Refusal ? error : {};
      if ((create || ifMatch !== undefined) && CONDITION_FAILED.has(status)) return false;
      // S3 answers 404 when the object to match is gone; to a creation it would mean that the store is not there.
      if (ifMatch !== undefined && status === 404 && code !== NO_BUCKET) return false;
      throw unavailable(error);
    }
  }

  async get(key: string): Promise<StoredObject | null> {
    try {
      return await this.#inTurn(() => this.#objects.send({ method: 'GET', key }));
    } catch (error) {
      if (error instanceof S3Refusal && error.status === 404 && error.code !== NO_BUCKET) return null;
      throw unavailable(error);
    }
  }

  async delete(key: string): Promise<void> {
    await this.#inTurn(() => this.#objects.send({ method: 'DELETE', key })).catch(rethrowUnavailable);
  }

  async deleteAll(keys: readonly string[]): Promise<void> {
    const [only] = keys;
    if (only === undefined) return;
    if (keys.length === 1) return this.delete(only);
    const Delete = { Objects: keys.map((Key) => ({ Key })), Quiet: true };
    const command = new DeleteObjectsCommand({ Bucket: this.settings.bucket, Delete });
    const { Errors = [] } = await this.#inTurn(() => this.#client.send(command)).catch(rethrowUnavailable);
    const [failed] = Errors;
    if (failed) throw unavailable(new Error(`${Errors.length} objects could not be deleted: ${failed.Code ?? ''}`));
  }

  async list(
    prefix: string,
    { limit, startAfter }: { limit: number; startAfter?: string },
  ): Promise<readonly string[]> {
    const command = new ListObjectsV2Command({
      Bucket: this.settings.bucket,
      Prefix: prefix,
      MaxKeys: limit,
      ...(startAfter !== undefined && { StartAfter: startAfter }),
    });
    const { Contents = [] } = await this.#inTurn(() => this.#client.send(command)).catch(rethrowUnavailable);
    return Contents.flatMap(({ Key }) => (Key === undefined ? [] : [Key]));
  }

  async signedUrl(key: string, { expiresInSec, contentType, filename }: DownloadTerms): Promise<string> {
    const command = new GetObjectCommand({
      ...this.#at(key),
      ResponseContentType: contentType,
      // Never shown in place: what a model made must not run as a page of the store's origin.
      ResponseContentDisposition: `attachment; filename="${filename.replaceAll(/[^\w.-]/g, '_')}"`,
    });
    return getSignedUrl(this.#signer, command, { expiresIn: expiresInSec });
  }

  async ping(): Promise<void> {
    // Not behind all that waits.
    await this.#client.send(new HeadBucketCommand({ Bucket: this.settings.bucket })).catch(rethrowUnavailable);
  }

  async close(): Promise<void> {
    this.#client.destroy();
    this.#signer.destroy();
    await this.#objects.close();
  }

  /** Calls when fewer than {@link MAX_CONNECTIONS} others are under way. */
  #inTurn<T>(call: () => Promise<T>): Promise<T> {
    const askedAt = performance.now();
    return this.#calls.execute(() => {
      if (performance.now() - askedAt > LONGEST_WAIT_MS)
        throw new Error('the store is slower than what is asked of it');
      return call();
    });
  }

  #at(Key: string): { Bucket: string; Key: string } {
    return { Bucket: this.settings.bucket, Key };
  }
}

function clientConfig(
  { region, accessKeyId, secretAccessKey }: S3Settings,
  endpoint: string | undefined,
): S3ClientConfig {
  return {
    region,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: MAX_ATTEMPTS,
    requestHandler: TIMEOUTS,
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
  };
}

function unavailable(cause: unknown): AppError {
  return new AppError('SERVICE_UNAVAILABLE', 'The history store is not available.', { cause });
}

function rethrowUnavailable(cause: unknown): never {
  throw unavailable(cause);
}
