import { S3ServiceException } from '@aws-sdk/client-s3';
import { S3Refusal } from '#shared/history/store/s3-connection.js';

export interface BucketPlace {
  readonly bucket: string;
  readonly region: string;
  /** Absent for AWS itself. */
  readonly endpoint?: string | undefined;
}

const MEANINGS: Readonly<Record<number, string>> = {
  301: 'it is in another region than S3_REGION says',
  403: 'wrong key, or the bucket is somebody else’s',
  404: 'there is no such bucket',
};

/** What a store answered, with the bucket and the store named, for operators alone: clients are told neither. */
export function bucketError({ bucket, region, endpoint }: BucketPlace, cause: unknown): Error {
  return new Error(`Bucket "${bucket}" at ${endpoint ?? `AWS ${region}`}: ${reasonOf(cause)}`, { cause });
}

function reasonOf(error: unknown): string {
  if (error instanceof S3Refusal) return answer(error.status, error.code);
  if (error instanceof S3ServiceException) return answer(error.$metadata.httpStatusCode, error.name);
  const { code, name } = error as NodeJS.ErrnoException;
  return `the store cannot be reached (${code ?? name})`;
}

function answer(status: number | undefined, code: string): string {
  return `${status ?? 'no answer'} (${MEANINGS[status ?? 0] ?? code})`;
}
