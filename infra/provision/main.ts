import { parseArgs } from 'node:util';
import { z } from 'zod';
import { httpUrl, list } from '#shared/config/env-fields.js';
import { ConfigError, loadConfig } from '#shared/config/load-config.js';
import { LLM_SERVICES } from '#shared/events/usage-event.js';
import { ensureBuckets } from './buckets.js';
import { policyReasons, servicePolicy } from './service-policy.js';

const USAGE = `npm run provision
npm run --silent provision -- --policy image|summarize|chat [--bucket llmhist-<service>-dev]

Makes the buckets S3_BUCKETS (separated by commas) at S3_ENDPOINT by S3_ACCESS_KEY and S3_SECRET_KEY. With --policy it makes
nothing and asks nobody, and prints the IAM policy that the service needs for its bucket: JSON on standard output, and
why each permission is there on standard error.
`;

const provisionEnv = z.object({
  S3_ENDPOINT: httpUrl,
  S3_REGION: z.string().default('us-east-1'),
  S3_ACCESS_KEY: z.string(),
  S3_SECRET_KEY: z.string(),
  /** Bucket names, separated by commas. */
  S3_BUCKETS: list,
});

/** `npm run provision`: makes the history buckets of a store that is not embedded, or prints what a service must be allowed there. */
async function run(): Promise<void> {
  const { values } = parseArgs({
    options: {
      policy: { type: 'string' },
      bucket: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) process.stdout.write(USAGE);
  else if (values.policy !== undefined) printPolicy(values.policy, values.bucket);
  else await makeBuckets();
}

function printPolicy(asked: string, bucket: string | undefined): void {
  const service = LLM_SERVICES.find((name) => name === asked);
  if (!service) throw new Error('--policy must be image, summarize or chat.');
  const policy = servicePolicy(service, bucket ?? `llmhist-${service}-dev`);
  process.stdout.write(`${JSON.stringify(policy, null, 2)}\n`);
  for (const reason of policyReasons(service)) process.stderr.write(`${reason}\n`);
}

async function makeBuckets(): Promise<void> {
  const config = loadConfig(provisionEnv, process.env);
  const access = {
    endpoint: config.S3_ENDPOINT,
    region: config.S3_REGION,
    accessKeyId: config.S3_ACCESS_KEY,
    secretAccessKey: config.S3_SECRET_KEY,
  };
  await ensureBuckets(access, config.S3_BUCKETS);
  process.stdout.write(`ready: ${config.S3_BUCKETS.join(', ')}\n`);
}

try {
  await run();
} catch (error) {
  process.stderr.write(`${error instanceof ConfigError || error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
