import { z } from 'zod';

const PLACEHOLDER = '{service}';
const LONGEST_SERVICE = 'summarize';
/** The rules of S3 for names of buckets. */
const BUCKET_NAME = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** The names of the history buckets of a deployment, such as `dev` or `prod`. */
export function patternOf(deployment: string): string {
  return `llmhist-${PLACEHOLDER}-${deployment}`;
}

export const DEFAULT_BUCKET_PATTERN = patternOf('dev');

/** The setting `S3_BUCKET_PATTERN`: the names of the history buckets, with `{service}` in place of image, summarize or chat. */
export const bucketPattern = z
  .string()
  .refine(
    (pattern) => pattern.includes(PLACEHOLDER) && BUCKET_NAME.test(bucketOf(pattern, LONGEST_SERVICE)),
    `must be a bucket name with ${PLACEHOLDER} in it, such as mine-${PLACEHOLDER}-dev`,
  )
  .default(DEFAULT_BUCKET_PATTERN);

export function bucketOf(pattern: string, service: string): string {
  return pattern.replaceAll(PLACEHOLDER, service);
}
