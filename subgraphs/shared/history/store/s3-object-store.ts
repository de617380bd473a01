// cspell:words Dualstack
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  S3Client,
  S3ServiceException,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { bulkhead } from 'cockatiel';
import type { DownloadTerms, ObjectStore, PutOptions, StoredObject } from './object-store.port.js';
import { MAX_CONNECTIONS, S3Connection, S3Refusal, type S3Place } from './s3-connection.js';
import { sideBySide } from '#shared/concurrency/side-by-side.js';
import { storeUnavailable } from './store-unavailable.js';

export interface S3Settings extends S3Place {
  /** What signed URLs name, where clients reach the store by another address. */
  readonly publicEndpoint?: string | undefined;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** The SDK has no request timeout of its own. */
const TIMEOUTS = { connectionTimeout: 2_000, requestTimeout: 15_000, throwOnRequestTimeout: true };
const MAX_ATTEMPTS = 3;
/** A call that could not be made for so long is not made; who asked has had enough of waiting. */
const LONGEST_WAIT_MS = 30_000;
/** Answers of stores to a condition that does not hold: S3 has 412, and 409 while another write runs. */
const CONDITION_FAILED: ReadonlySet<number | undefined> = new Set([409, 412]);
/** Answers of stores to what they do not know. */
const UNKNOWN_CALL: ReadonlySet<number> = new Set([400, 405, 501]);
const DELETIONS = 16;
const NO_BUCKET = 'NoSuchBucket';

/** A bucket of S3, MinIO, or the embedded engine. */
export class S3ObjectStore implements ObjectStore {
  readonly #client: S3Client;
  readonly #signer: S3Client;
  readonly #objects: S3Connection;
  /** A call that waited for a connection would run into the time that an answer may take. */
  readonly #calls = bulkhead(MAX_CONNECTIONS, Infinity);
  #deletesTogether = true;

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
      throw storeUnavailable(error);
    }
  }

  async get(key: string): Promise<StoredObject | null> {
    try {
      return await this.#inTurn(() => this.#objects.send({ method: 'GET', key }));
    } catch (error) {
      if (error instanceof S3Refusal && error.status === 404 && error.code !== NO_BUCKET) return null;
      throw storeUnavailable(error);
    }
  }

  async delete(key: string): Promise<void> {
    await this.#inTurn(() => this.#objects.send({ method: 'DELETE', key })).catch(rethrowUnavailable);
  }

  async deleteAll(keys: readonly string[]): Promise<void> {
    const left = keys.length > 1 && this.#deletesTogether ? await this.#deleteTogether(keys) : keys;
    await sideBySide(left, DELETIONS, (key) => this.delete(key));
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

  /** Those that are left. Not every store takes several deletions in one call as the SDK makes it. */
  async #deleteTogether(keys: readonly string[]): Promise<readonly string[]> {
    const Delete = { Objects: keys.map((Key) => ({ Key })), Quiet: true };
    const command = new DeleteObjectsCommand({ Bucket: this.settings.bucket, Delete });
    try {
      const { Errors = [] } = await this.#inTurn(() => this.#client.send(command));
      return Errors.flatMap(({ Key }) => (Key === undefined ? [] : [Key]));
    } catch (error) {
      const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
      this.#deletesTogether = status === undefined || !UNKNOWN_CALL.has(status);
      return keys;
    }
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
    // The address is what our own settings say, for every kind of call.
    ignoreConfiguredEndpointUrls: true,
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
  };
}

function rethrowUnavailable(cause: unknown): never {
  throw storeUnavailable(cause);
}
