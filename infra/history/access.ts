import { z } from 'zod';
import { httpUrl, pem } from '#shared/config/env-fields.js';
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
  SERVICE_PRIVATE_KEY: pem,
  JWT_ISSUER: z.string().default('llm-supergraph'),
  JWT_AUDIENCE: z.string().default('llm-supergraph'),
});

/** From the environment where it names a store, or else from the platform that `npm start` runs on the data folder. */
export async function historyAccess(env: Env, bucketEnv: string): Promise<HistoryAccess> {
  const local = env['S3_ACCESS_KEY'] ? {} : await runningEnv(env['DATA_DIR'] ?? '.data');
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
    signToken: createServiceTokenSigner(config.SERVICE_PRIVATE_KEY, rules, 'history'),
  };
}

async function runningEnv(dataDir: string): Promise<Env> {
  const running = await findRunning(dataDir);
  if (!running) throw new Error(`There is no S3_ACCESS_KEY, and no platform runs on ${dataDir}; start it first.`);
  const { service } = await localSecrets(dataDir);
  return {
    S3_ENDPOINT: running.s3.endpoint,
    S3_REGION: running.s3.region,
    S3_ACCESS_KEY: running.s3.accessKeyId,
    S3_SECRET_KEY: running.s3.secretAccessKey,
    ANALYTICS_URL: running.analyticsUrl,
    SERVICE_PRIVATE_KEY: service.privateKey,
  };
}
