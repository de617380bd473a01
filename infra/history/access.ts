import { z } from 'zod';
import { httpUrl, integer, pem } from '#shared/config/env-fields.js';
import { loadConfig, type Env } from '#shared/config/load-config.js';
import { createServiceTokenSigner } from '#shared/context/token-signer.js';
import type { LlmService } from '#shared/history/history.port.js';
import type { S3Settings } from '#shared/history/store/s3-object-store.js';
import { getPlatform } from '../local/find-platform.js';
import { localSecrets } from '../local/secrets.js';
import { withDotEnv } from '../local/settings.js';
import { bucketOf, bucketPattern, patternOf } from '../provision/bucket-names.js';

/** What the commands need to reach the histories and analytics. */
export interface HistoryAccess {
  s3For(service: LlmService): S3Settings;
  readonly analyticsUrl: string;
  readonly signToken: () => string;
  /** Events older than this are deleted. */
  readonly eventsTtlDays: number | undefined;
}

/** The settings that the services have themselves. */
const accessEnv = z.object({
  S3_ENDPOINT: httpUrl.optional(),
  S3_REGION: z.string().default('us-east-1'),
  S3_ACCESS_KEY: z.string(),
  S3_SECRET_KEY: z.string(),
  /** Of the one service that is named; by default as S3_BUCKET_PATTERN says. */
  S3_BUCKET: z.string().optional(),
  S3_BUCKET_PATTERN: bucketPattern,
  ANALYTICS_URL: httpUrl,
  /** As the analytics service has it. */
  EVENTS_TTL_DAYS: integer(1, 36_500).optional(),
  SERVICE_PRIVATE_KEY: pem,
  JWT_ISSUER: z.string().default('llm-supergraph'),
  JWT_AUDIENCE: z.string().default('llm-supergraph'),
});

/**
 * From the environment where it has S3_ACCESS_KEY, or else from the platform that `npm start` runs. The buckets are those of
 * `deployment` (dev, prod, …) where it is given, and else as S3_BUCKET_PATTERN says.
 */
export async function historyAccess(env: Env, deployment?: string, envFile = '.env'): Promise<HistoryAccess> {
  const local = env['S3_ACCESS_KEY'] ? {} : await runningEnv(await withDotEnv(env, envFile));
  const config = loadConfig(accessEnv, { ...env, ...local });
  const rules = { issuer: config.JWT_ISSUER, audience: config.JWT_AUDIENCE };
  const pattern = deployment === undefined ? config.S3_BUCKET_PATTERN : patternOf(deployment);
  return {
    s3For: (service) => ({
      endpoint: config.S3_ENDPOINT,
      region: config.S3_REGION,
      accessKeyId: config.S3_ACCESS_KEY,
      secretAccessKey: config.S3_SECRET_KEY,
      bucket: config.S3_BUCKET ?? bucketOf(pattern, service),
    }),
    analyticsUrl: config.ANALYTICS_URL,
    eventsTtlDays: config.EVENTS_TTL_DAYS,
    signToken: createServiceTokenSigner(config.SERVICE_PRIVATE_KEY, rules, 'history'),
  };
}

async function runningEnv(env: Env): Promise<Env> {
  const { dataDir, running } = await getPlatform(env, 'put the settings that --help lists into the environment');
  const { service } = await localSecrets(dataDir);
  return {
    EVENTS_TTL_DAYS: env['EVENTS_TTL_DAYS'],
    S3_ENDPOINT: running.s3.endpoint,
    S3_REGION: running.s3.region,
    S3_ACCESS_KEY: running.s3.accessKeyId,
    S3_SECRET_KEY: running.s3.secretAccessKey,
    S3_BUCKET_PATTERN: running.bucketPattern,
    ANALYTICS_URL: running.analyticsUrl,
    SERVICE_PRIVATE_KEY: service.privateKey,
  };
}
