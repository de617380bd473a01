import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { z } from 'zod';
import { httpUrl, integer } from '#shared/config/env-fields.js';
import { loadConfig, type Env } from '#shared/config/load-config.js';
import { bucketPattern } from '../provision/bucket-names.js';

const settings = z.object({
  PORT: integer(0, 65_535).default(8080),
  /** Where the engines keep their data. */
  DATA_DIR: z.string().optional(),
  /** Set to use a database of your own instead of the embedded one. */
  DATABASE_URL: z.string().optional(),
  ANALYTICS_MONGO_URI: z.string().optional(),
  S3_ENDPOINT: httpUrl.optional(),
  S3_ACCESS_KEY: z.string().optional(),
  S3_SECRET_KEY: z.string().optional(),
  S3_REGION: z.string().default('us-east-1'),
  S3_BUCKET_PATTERN: bucketPattern,
});

const settingsEnv = settings.superRefine(({ S3_ENDPOINT, ...others }, context) => {
  if (S3_ENDPOINT === undefined) return;
  for (const name of ['S3_ACCESS_KEY', 'S3_SECRET_KEY'] as const) {
    if (others[name] !== undefined) continue;
    context.addIssue({ code: 'custom', path: [name], message: 'is required with S3_ENDPOINT and not set' });
  }
});

/** What the conductor takes from its own environment; everything else there that a service knows is passed on. */
export interface LocalSettings {
  readonly port: number;
  readonly dataDir: string;
  readonly databaseUrl: string | undefined;
  readonly mongoUrl: string | undefined;
  readonly s3: ExternalS3 | undefined;
  readonly region: string;
  /** Names of the history buckets, with `{service}` in them. */
  readonly bucketPattern: string;
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
    dataDir: dataDirOf(env),
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
    bucketPattern: config.S3_BUCKET_PATTERN,
    env,
  };
}

/** The absolute path of the folder where the engines keep their data. */
export function dataDirOf(env: Env): string {
  return resolve(env['DATA_DIR']?.trim() || '.data');
}

/**
 * The environment and, for what it does not set, the `.env` file of the current folder, where there is one. `npm start` and
 * the commands that work on its platform read their settings from this.
 */
export async function withDotEnv(env: Env, file = '.env'): Promise<Env> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw new Error(`${resolve(file)} cannot be read: ${error.message}`, { cause: error });
  });
  return { ...parseEnv(text), ...env };
}
