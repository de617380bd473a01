import { CreateBucketCommand, HeadBucketCommand, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { bucketError } from './bucket-error.js';

interface StoreAccess {
  /** Absent for AWS itself. */
  readonly endpoint?: string | undefined;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface ObjectStoreAccess extends StoreAccess {
  readonly endpoint: string;
}

/** Makes each bucket that is not there yet. Throws an Error that names the bucket, the store and its answer when it may not. */
export async function ensureBuckets(access: StoreAccess, names: readonly string[]): Promise<void> {
  const { endpoint, region, accessKeyId, secretAccessKey } = access;
  const client = new S3Client({
    region,
    // The address is what our own settings say, as for the services.
    ignoreConfiguredEndpointUrls: true,
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
    credentials: { accessKeyId, secretAccessKey },
  });
  try {
    for (const bucket of names) {
      await ensureBucket(client, bucket).catch((error: unknown) => {
        throw bucketError({ bucket, region, endpoint }, error);
      });
    }
  } finally {
    client.destroy();
  }
}

async function ensureBucket(client: S3Client, Bucket: string): Promise<void> {
  try {
    await client.send(new HeadBucketCommand({ Bucket }));
  } catch (error) {
    if (!(error instanceof S3ServiceException) || error.$metadata.httpStatusCode !== 404) throw error;
    await client.send(new CreateBucketCommand({ Bucket }));
  }
}
