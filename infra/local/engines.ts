import { join } from 'node:path';
import type { ObjectStoreAccess } from '../provision/buckets.js';
import { startMongo } from './mongo/start-mongo.js';
import type { Ports } from './ports.js';
import { startPostgres } from './postgres/start-postgres.js';
import type { Progress } from './progress.js';
import { startS3 } from './s3/start-s3.js';
import type { LocalSecrets } from './secrets.js';
import type { LocalSettings } from './settings.js';

/** Where the data of the platform lives: embedded here, or elsewhere when the settings say so. */
export interface Engines {
  readonly databaseUrl: string;
  readonly mongoUrl: string;
  readonly s3: ObjectStoreAccess;
}

export interface EngineParts {
  readonly settings: LocalSettings;
  readonly secrets: LocalSecrets;
  readonly ports: Ports;
  readonly logDir: string;
  readonly progress: Progress;
  /** Called with what stops an engine, right after it has started. */
  defer(name: string, stop: () => Promise<unknown>): void;
}

/** Starts the engines that the settings do not name, all at once. Throws the first failure, in words for the operator. */
export async function startEngines(parts: EngineParts): Promise<Engines> {
  const { settings, progress } = parts;
  const [databaseUrl, mongoUrl, s3] = await settled([
    settings.databaseUrl ?? progress.step('PostgreSQL', () => openPostgres(parts)),
    settings.mongoUrl ?? progress.step('MongoDB-compatible engine', () => openMongo(parts)),
    settings.s3
      ? { region: settings.region, ...settings.s3 }
      : progress.step('S3-compatible engine', () => openS3(parts)),
  ]);
  return { databaseUrl, mongoUrl, s3 };
}

async function openPostgres({ settings, secrets, ports, logDir, defer }: EngineParts): Promise<string> {
  const postgres = await startPostgres({
    dataDir: join(settings.dataDir, 'postgres'),
    port: ports.postgres,
    password: secrets.postgresPassword,
    installation: secrets.installation,
    logFile: join(logDir, 'postgres.log'),
  });
  defer('postgres', postgres.stop);
  return postgres.url;
}

async function openMongo({ settings, ports, defer }: EngineParts): Promise<string> {
  const mongo = await startMongo({ dataDir: join(settings.dataDir, 'mongo'), port: ports.mongo });
  defer('mongo', () => mongo.close());
  return mongo.url;
}

async function openS3({ settings, secrets, ports, defer }: EngineParts): Promise<ObjectStoreAccess> {
  const s3 = await startS3({
    dataDir: join(settings.dataDir, 's3'),
    port: ports.s3,
    credentials: secrets.s3,
    region: settings.region,
  });
  defer('s3', () => s3.close());
  return { endpoint: s3.endpoint, region: settings.region, ...secrets.s3 };
}

/** Waits for all before failing with the first that failed, so that whatever did start is known and can be stopped. */
async function settled<T extends readonly unknown[]>(started: [...T]): Promise<{ [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(started);
  return Promise.all(started);
}
