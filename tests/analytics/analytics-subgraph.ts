import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { MikroORM } from '@mikro-orm/mongodb';
import { MongoClient } from 'mongodb';
import { createKeyPair } from '../../infra/init/key-pair.js';
import { analyticsConfig } from '../../subgraphs/analytics/config.js';
import { createAnalyticsContext } from '../../subgraphs/analytics/context.js';
import { openDatabase } from '../../subgraphs/analytics/database.js';
import { buildAnalyticsSchema } from '../../subgraphs/analytics/schema.js';
import { loadConfig } from '#shared/config/load-config.js';
import { createAccessTokenSigner, createServiceTokenSigner } from '#shared/context/token-signer.js';
import { createTokenVerifier } from '#shared/context/token-verifier.js';
import type { Role } from '#shared/context/viewer.js';
import { createLogger, type Logger } from '#shared/logging/logger.js';
import { Lifecycle } from '#shared/server/lifecycle.js';
import { serveSubgraph } from '#shared/server/subgraph-server.js';
import { temporaryFolder } from '../support/temporary-folder.js';

export interface Account {
  readonly id: string;
  readonly email: string;
  readonly token: string;
}

export interface AnalyticsUnderTest {
  readonly url: string;
  readonly orm: MikroORM;
  /** What the subgraph logged so far, each database query included. */
  readonly logLines: readonly string[];
  /** Signed anew each time it is read: it is valid for a minute, which a busy machine may take longer than. */
  readonly serviceToken: string;
  newAccount(role?: Role): Account;
  stop(): Promise<void>;
}

const RULES = { issuer: 'llm-supergraph', audience: 'llm-supergraph' };

/** A database of the test's own: on the server that ANALYTICS_MONGO_URI names, on the embedded engine otherwise. */
export async function temporaryDatabase(life: Lifecycle): Promise<{ uri: string; name: string }> {
  const name = `analytics_test_${randomUUID().slice(0, 8)}`;
  const uri = process.env['ANALYTICS_MONGO_URI'] ?? (await embeddedMongo(life));
  life.defer('database', () => dropDatabase(uri, name));
  return { uri, name };
}

async function embeddedMongo(life: Lifecycle): Promise<string> {
  const { startMongo } = await import('../../infra/local/mongo/start-mongo.js');
  const folder = await temporaryFolder('analytics');
  life.defer('folder', folder.remove);
  const mongo = await startMongo({ dataDir: join(folder.path, 'mongo'), port: 0 });
  life.defer('mongo', () => mongo.close());
  return mongo.url;
}

async function dropDatabase(uri: string, name: string): Promise<void> {
  await using client = new MongoClient(uri);
  await client.db(name).dropDatabase();
}

/**
 * The analytics subgraph on a database of its own, listening on loopback, with keys to sign tokens for it.
 * `through` may put something between it and its database.
 */
export async function startAnalytics({
  through = async (uri) => uri,
}: { through?: (databaseUri: string) => Promise<string> } = {}): Promise<AnalyticsUnderTest> {
  const logLines: string[] = [];
  const log = createLogger({ level: 'debug', service: 'analytics' }, { write: (line) => void logLines.push(line) });
  const life = new Lifecycle(log);
  try {
    return await start({ life, log, logLines, through });
  } catch (error) {
    // Whatever had started would keep the test runner from ending.
    await life.close();
    throw error;
  }
}

interface Parts {
  readonly life: Lifecycle;
  readonly log: Logger;
  readonly logLines: string[];
  readonly through: (databaseUri: string) => Promise<string>;
}

async function start({ life, log, logLines, through }: Parts): Promise<AnalyticsUnderTest> {
  const database = await temporaryDatabase(life);
  const [access, service] = await Promise.all([createKeyPair(), createKeyPair()]);
  const config = loadConfig(analyticsConfig, {
    PORT: '0',
    NODE_ENV: 'test',
    ANALYTICS_MONGO_URI: await through(database.uri),
    ANALYTICS_DB: database.name,
    // Not asked: the verifier below is made without it.
    AUTH_URL: 'http://127.0.0.1:1',
    JWT_PUBLIC_KEY: access.publicKey,
    SERVICE_PUBLIC_KEY: service.publicKey,
  });
  const orm = await openDatabase(config, log);
  life.defer('orm', () => orm.close());
  const subgraph = {
    name: 'analytics',
    schema: await buildAnalyticsSchema(),
    context: createAnalyticsContext(orm),
    verify: createTokenVerifier({ accessKeys: access.publicKey, serviceKeys: service.publicKey }, RULES),
    checks: { mongo: () => orm.em.getConnection().getDb().command({ ping: 1 }) },
  };
  const port = await serveSubgraph(subgraph, { config, log, life });
  const signAccess = createAccessTokenSigner(access.privateKey, RULES, 600_000);
  const signService = createServiceTokenSigner(service.privateKey, RULES, 'image');
  return {
    url: `http://127.0.0.1:${port}`,
    orm,
    logLines,
    get serviceToken() {
      return signService();
    },
    newAccount: (role = 'user') => newAccount(role, signAccess),
    stop: () => life.close(),
  };
}

function newAccount(role: Role, sign: ReturnType<typeof createAccessTokenSigner>): Account {
  const id = randomUUID();
  const email = `${id}@example.com`;
  return { id, email, token: sign({ id, email, role, sessionId: randomUUID(), promptStorage: 'plain' }) };
}
