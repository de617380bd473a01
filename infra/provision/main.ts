import { z } from 'zod';
import { httpUrl, list } from '#shared/config/env-fields.js';
import { loadConfig } from '#shared/config/load-config.js';
import { LLM_SERVICES } from '#shared/events/usage-event.js';
import { parseArguments, runCommand, UsageError } from '../command-line.js';
import { withDotEnv } from '../local/settings.js';
import { bucketOf, bucketPattern } from './bucket-names.js';
import { ensureBuckets } from './buckets.js';
import { policyReasons, servicePolicy } from './service-policy.js';

const USAGE = `npm run provision
npm run --silent provision -- --policy image|summarize|chat [--bucket NAME]

Makes the history buckets at S3_ENDPOINT (AWS without it), by S3_REGION, S3_ACCESS_KEY and S3_SECRET_KEY from the
environment or .env. Their names are S3_BUCKETS, separated by commas, or those of S3_BUCKET_PATTERN for image, summarize
and chat. With --policy it makes nothing and asks nobody, and prints the IAM policy that the service needs for its bucket:
JSON on standard output, and why each permission is there on standard error.
`;

const policyEnv = z.object({ S3_BUCKET_PATTERN: bucketPattern });

const provisionEnv = policyEnv.extend({
  /** Absent for AWS itself. */
  S3_ENDPOINT: httpUrl.optional(),
  S3_REGION: z.string().default('us-east-1'),
  S3_ACCESS_KEY: z.string(),
  S3_SECRET_KEY: z.string(),
  /** Bucket names, separated by commas; by default those of S3_BUCKET_PATTERN. */
  S3_BUCKETS: list.optional(),
});

/** `npm run provision`: makes the history buckets of a store that is not embedded, or prints what a service must be allowed there. */
await runCommand(async () => {
  const { values } = parseArguments({
    options: {
      policy: { type: 'string' },
      bucket: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) process.stdout.write(USAGE);
  else if (values.policy !== undefined) await printPolicy(values.policy, values.bucket);
  else await makeBuckets();
  return true;
});

async function printPolicy(asked: string, bucket: string | undefined): Promise<void> {
  const service = LLM_SERVICES.find((name) => name === asked);
  if (!service) throw new UsageError('--policy must be image, summarize or chat');
  const { S3_BUCKET_PATTERN } = loadConfig(policyEnv, await withDotEnv(process.env));
  const policy = servicePolicy(service, bucket ?? bucketOf(S3_BUCKET_PATTERN, service));
  process.stdout.write(`${JSON.stringify(policy, null, 2)}\n`);
  for (const reason of policyReasons(service)) process.stderr.write(`${reason}\n`);
}

async function makeBuckets(): Promise<void> {
  const config = loadConfig(provisionEnv, await withDotEnv(process.env));
  const access = {
    endpoint: config.S3_ENDPOINT,
    region: config.S3_REGION,
    accessKeyId: config.S3_ACCESS_KEY,
    secretAccessKey: config.S3_SECRET_KEY,
  };
  const names = config.S3_BUCKETS ?? LLM_SERVICES.map((service) => bucketOf(config.S3_BUCKET_PATTERN, service));
  await ensureBuckets(access, names);
  process.stdout.write(`ready: ${names.join(', ')}\n`);
}
