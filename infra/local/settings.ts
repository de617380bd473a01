import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { integer } from '#shared/config/env-fields.js';
import { loadConfig, type Env } from '#shared/config/load-config.js';

const settingsEnv = z.object({
  PORT: integer(0, 65_535).default(8080),
  /** Where the engines keep their data. */
  DATA_DIR: z.string().default('.data'),
  /** Set to use a database of your own instead of the embedded one. */
  DATABASE_URL: z.string().optional(),
  ANALYTICS_MONGO_URI: z.string().optional(),
  S3_ENDPOINT: z.string().optional(),
  S3_ACCESS_KEY: z.string().optional(),
  S3_SECRET_KEY: z.string().optional(),
  S3_REGION: z.string().default('us-east-1'),
});

/** What the conductor takes from its own environment; everything else there that a service knows is passed on. */
export interface LocalSettings {
  readonly port: number;
  readonly dataDir: string;
  readonly databaseUrl: string | undefined;
  readonly mongoUrl: string | undefined;
  readonly s3: ExternalS3 | undefined;
  readonly region: string;
  readonly env: Env;
}

interface ExternalS3 {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Reads the settings; throws `ConfigError` naming each that is wrong. */
export function localSettings(env: Env): LocalSettings {
  const config = loadConfig(settingsEnv, env);
  return {
    port: config.PORT,
    dataDir: resolve(config.DATA_DIR),
    databaseUrl: config.DATABASE_URL,
    mongoUrl: config.ANALYTICS_MONGO_URI,
    s3: config.S3_ENDPOINT
      ? {
          endpoint: config.S3_ENDPOINT,
          accessKeyId: config.S3_ACCESS_KEY ?? '',
          secretAccessKey: config.S3_SECRET_KEY ?? '',
        }
      : undefined,
    region: config.S3_REGION,
    env,
  };
}

/** Adds the settings of a `.env` file beside package.json, where there is one, to those already set. */
export function loadDotEnv(file: string): void {
  if (existsSync(file)) process.loadEnvFile(file);
}
