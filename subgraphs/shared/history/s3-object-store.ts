import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { bulkhead } from 'cockatiel';
import { AppError } from '#shared/errors/app-error.js';
import type { DownloadTerms, ObjectStore, PutOptions, StoredObject } from './object-store.port.js';

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
/** As many as the SDK has sockets: a call that waited for one would run into the time that a connection may take. */
const MAX_CALLS = 50;
/** A call that could not be made for so long is not made; who asked has had enough of waiting. */
const LONGEST_WAIT_MS = 30_000;
/** Answers of stores to a condition that does not hold: S3 has 412, and 409 while another write runs. */
const CONDITION_FAILED: ReadonlySet<number | undefined> = new Set([409, 412]);

/** A bucket of S3, MinIO, or the embedded engine. */
export class S3ObjectStore implements ObjectStore {
  readonly #client: S3Client;
  readonly #signer: S3Client;
  readonly #calls = bulkhead(MAX_CALLS, Infinity);

  constructor(private readonly settings: S3Settings) {
    this.#client = new S3Client(clientConfig(settings, settings.endpoint));
    this.#signer = new S3Client(clientConfig(settings, settings.publicEndpoint ?? settings.endpoint));
  }

  async put(key: string, bytes: Uint8Array, { contentType, create, ifMatch, tags }: PutOptions): Promise<boolean> {
    const command = new PutObjectCommand({
      ...this.#at(key),
      Body: bytes,
      ContentType: contentType,
      ...(create && { IfNoneMatch: '*' }),
      ...(ifMatch !== undefined && { IfMatch: ifMatch }),
      ...(tags && { Tagging: new URLSearchParams(tags).toString() }),
    });
    try {
      await this.#inTurn((client) => client.send(command));
      return true;
    } catch (error) {
      const status = statusOf(error);
      if ((create || ifMatch !== undefined) && CONDITION_FAILED.has(status)) return false;
      // S3 answers 404 when the object to match is gone; to a creation it would mean that the store is not there.
      if (ifMatch !== undefined && status === 404 && !isMissingBucket(error)) return false;
      throw unavailable(error);
    }
  }

  async get(key: string): Promise<StoredObject | null> {
    try {
      return await this.#inTurn(async (client) => {
        const { Body, ETag = '' } = await client.send(new GetObjectCommand(this.#at(key)));
        return { bytes: (await Body?.transformToByteArray()) ?? new Uint8Array(), etag: ETag };
      });
    } catch (error) {
      if (statusOf(error) === 404 && !isMissingBucket(error)) return null;
      throw unavailable(error);
    }
  }

  async delete(key: string): Promise<void> {
    const command = new DeleteObjectCommand(this.#at(key));
    await this.#inTurn((client) => client.send(command)).catch(rethrowUnavailable);
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
    const { Contents = [] } = await this.#inTurn((client) => client.send(command)).catch(rethrowUnavailable);
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

  close(): void {
    this.#client.destroy();
    this.#signer.destroy();
  }

  /** Calls when fewer than {@link MAX_CALLS} others are under way. */
  #inTurn<T>(call: (client: S3Client) => Promise<T>): Promise<T> {
    const askedAt = performance.now();
    return this.#calls.execute(() => {
      if (performance.now() - askedAt > LONGEST_WAIT_MS)
        throw new Error('the store is slower than what is asked of it');
      return call(this.#client);
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

function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}

function isMissingBucket(error: unknown): boolean {
  return error instanceof S3ServiceException && error.name === 'NoSuchBucket';
}

function unavailable(cause: unknown): AppError {
  return new AppError('SERVICE_UNAVAILABLE', 'The history store is not available.', { cause });
}

function rethrowUnavailable(cause: unknown): never {
  throw unavailable(cause);
}
