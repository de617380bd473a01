import { readFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import { z } from 'zod';
import { httpUrl, integer, pem } from '#shared/config/env-fields.js';
import { loadConfig, type Env } from '#shared/config/load-config.js';
import { createServiceTokenSigner } from '#shared/context/token-signer.js';
import type { LlmService } from '#shared/history/history.port.js';
import type { S3Settings } from '#shared/history/store/s3-object-store.js';
import { findRunning } from '../local/running-file.js';
import { localSecrets } from '../local/secrets.js';

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
  /** Of the one service that is named; by default `llmhist-<service>-<env>`. */
  S3_BUCKET: z.string().optional(),
  ANALYTICS_URL: httpUrl,
  /** As the analytics service has it. */
  EVENTS_TTL_DAYS: integer(1, 36_500).optional(),
  SERVICE_PRIVATE_KEY: pem,
  JWT_ISSUER: z.string().default('llm-supergraph'),
  JWT_AUDIENCE: z.string().default('llm-supergraph'),
});

/** From the environment where it names a store, or else from the platform that `npm start` runs on the data folder and a `.env` file. */
export async function historyAccess(env: Env, bucketEnv: string, envFile = '.env'): Promise<HistoryAccess> {
  const local = env['S3_ACCESS_KEY'] ? {} : await runningEnv(env, envFile);
  const config = loadConfig(accessEnv, { ...env, ...local });
  const rules = { issuer: config.JWT_ISSUER, audience: config.JWT_AUDIENCE };
  return {
    s3For: (service) => ({
      endpoint: config.S3_ENDPOINT,
      region: config.S3_REGION,
      accessKeyId: config.S3_ACCESS_KEY,
      secretAccessKey: config.S3_SECRET_KEY,
      bucket: config.S3_BUCKET ?? `llmhist-${service}-${bucketEnv}`,
    }),
    analyticsUrl: config.ANALYTICS_URL,
    eventsTtlDays: config.EVENTS_TTL_DAYS,
    signToken: createServiceTokenSigner(config.SERVICE_PRIVATE_KEY, rules, 'history'),
  };
}

async function runningEnv(env: Env, envFile: string): Promise<Env> {
  const dataDir = env['DATA_DIR'] ?? '.data';
  const running = await findRunning(dataDir);
  if (!running) throw new Error(`There is no S3_ACCESS_KEY, and no platform runs on ${dataDir}; start it first.`);
  const { service } = await localSecrets(dataDir);
  const { EVENTS_TTL_DAYS } = parseEnv(await readFile(envFile, 'utf8').catch(() => ''));
  return {
    EVENTS_TTL_DAYS: env['EVENTS_TTL_DAYS'] || EVENTS_TTL_DAYS,
    S3_ENDPOINT: running.s3.endpoint,
    S3_REGION: running.s3.region,
    S3_ACCESS_KEY: running.s3.accessKeyId,
    S3_SECRET_KEY: running.s3.secretAccessKey,
    ANALYTICS_URL: running.analyticsUrl,
    SERVICE_PRIVATE_KEY: service.privateKey,
  };
}
