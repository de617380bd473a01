import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3';
import { startS3 } from '../../infra/local/s3/start-s3.js';
import { temporaryFolder } from '../support/temporary-folder.js';

export interface S3UnderTest {
  readonly client: S3Client;
  readonly Bucket: string;
  readonly endpoint: string;
  readonly embedded: boolean;
  put(Key: string, Body: string | Uint8Array, more?: Partial<PutObjectCommandInput>): Promise<string>;
  text(Key: string): Promise<string>;
  keys(prefix?: string): Promise<string[]>;
  stop(): Promise<void>;
}

/** A bucket of its own: on the store that `S3_ENDPOINT` names, or on the embedded engine. */
export async function openS3(): Promise<S3UnderTest> {
  const store = process.env['S3_ENDPOINT'] ? externalStore(process.env['S3_ENDPOINT']) : await embeddedStore();
  const { endpoint, region, credentials } = store;
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  const Bucket = `contract-${randomUUID()}`;
  await client.send(new CreateBucketCommand({ Bucket }));
  const keys = async (Prefix = ''): Promise<string[]> => {
    const found: string[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await client.send(
        new ListObjectsV2Command({ Bucket, Prefix, ...(ContinuationToken && { ContinuationToken }) }),
      );
      found.push(...(page.Contents ?? []).map(({ Key }) => Key ?? ''));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken);
    return found;
  };
  return {
    client,
    Bucket,
    endpoint,
    embedded: store.embedded,
    keys,
    async put(Key, Body, more = {}) {
      const { ETag } = await client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
      return ETag ?? '';
    },
    async text(Key) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
      return (await Body?.transformToString()) ?? '';
    },
    async stop() {
      for (const Key of await keys()) await client.send(new DeleteObjectCommand({ Bucket, Key }));
      await client.send(new DeleteBucketCommand({ Bucket }));
      client.destroy();
      await store.stop();
    },
  };
}

function externalStore(endpoint: string) {
  const { S3_ACCESS_KEY = '', S3_SECRET_KEY = '', S3_REGION = 'us-east-1' } = process.env;
  const credentials = { accessKeyId: S3_ACCESS_KEY, secretAccessKey: S3_SECRET_KEY };
  return { endpoint, region: S3_REGION, credentials, embedded: false, stop: async () => undefined };
}

async function embeddedStore() {
  const folder = await temporaryFolder('s3');
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test-secret' };
  const region = 'us-east-1';
  const s3 = await startS3({ dataDir: join(folder.path, 's3'), port: 0, credentials, region });
  const stop = async (): Promise<void> => {
    await s3.close();
    await folder.remove();
  };
  return { endpoint: s3.endpoint, region, credentials, embedded: true, stop };
}

/** The name of the error that a call fails with, or `ok`. */
export async function outcome(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'ok',
    (error: Error) => error.name,
  );
}
