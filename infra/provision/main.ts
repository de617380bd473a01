import { z } from 'zod';
import { httpUrl, list } from '#shared/config/env-fields.js';
import { ConfigError, loadConfig } from '#shared/config/load-config.js';
import { ensureBuckets } from './buckets.js';

const provisionEnv = z.object({
  S3_ENDPOINT: httpUrl,
  S3_REGION: z.string().default('us-east-1'),
  S3_ACCESS_KEY: z.string(),
  S3_SECRET_KEY: z.string(),
  /** Bucket names, separated by commas. */
  S3_BUCKETS: list,
});

/** `npm run provision`: makes the history buckets of a store that is not embedded. */
try {
  const config = loadConfig(provisionEnv, process.env);
  const access = {
    endpoint: config.S3_ENDPOINT,
    region: config.S3_REGION,
    accessKeyId: config.S3_ACCESS_KEY,
    secretAccessKey: config.S3_SECRET_KEY,
  };
  await ensureBuckets(access, config.S3_BUCKETS);
  process.stdout.write(`ready: ${config.S3_BUCKETS.join(', ')}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof ConfigError || error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
