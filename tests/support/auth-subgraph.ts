import { join } from 'node:path';
import type { MikroORM } from '@mikro-orm/postgresql';
import { createKeyPair } from '../../infra/secrets/key-pair.js';
import { anyFreePort } from '../../infra/local/ports.js';
import { startPostgres } from '../../infra/local/postgres/start-postgres.js';
import { authConfig } from '../../subgraphs/auth/config.js';
import { createAuthContext } from '../../subgraphs/auth/context.js';
import { openDatabase } from '../../subgraphs/auth/database.js';
import { buildAuthSchema } from '../../subgraphs/auth/schema.js';
import { loadConfig } from '#shared/config/load-config.js';
import { createTokenVerifier } from '#shared/context/token-verifier.js';
import { createLogger, type Logger } from '#shared/logging/logger.js';
import { Lifecycle } from '#shared/server/lifecycle.js';
import { serveSubgraph } from '#shared/server/subgraph-server.js';
import { temporaryFolder } from './temporary-folder.js';

export interface AuthUnderTest {
  readonly url: string;
  readonly orm: MikroORM;
  /** Every SQL statement so far. */
  readonly statements: readonly string[];
  readonly privateKey: string;
  stop(): Promise<void>;
}

/** The auth subgraph on a database of its own, listening on loopback. */
export async function startAuth(): Promise<AuthUnderTest> {
  const folder = await temporaryFolder('auth');
  const postgres = await startPostgres({
    dataDir: join(folder.path, 'postgres'),
    port: await anyFreePort(),
    password: 'secret',
    installation: 'auth-test',
    logFile: join(folder.path, 'postgres.log'),
  });
  const { privateKey, publicKey } = await createKeyPair();
  const config = loadConfig(authConfig, {
    PORT: '0',
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    DATABASE_URL: postgres.url,
    JWT_PRIVATE_KEY: privateKey,
    JWT_PUBLIC_KEY: publicKey,
    BCRYPT_ROUNDS: '4',
  });
  const statements: string[] = [];
  const log = collectingLogger(statements);
  const life = new Lifecycle(log);
  life.defer('folder', folder.remove);
  life.defer('postgres', postgres.stop);
  const orm = await openDatabase(config.DATABASE_URL, log);
  life.defer('orm', () => orm.close());
  const rules = { issuer: config.JWT_ISSUER, audience: config.JWT_AUDIENCE };
  const subgraph = {
    name: 'auth',
    schema: await buildAuthSchema(),
    context: await createAuthContext(orm, config),
    verify: createTokenVerifier({ accessKeys: publicKey }, rules),
    checks: { postgres: () => orm.em.getConnection().execute('select 1') },
  };
  const port = await serveSubgraph(subgraph, { config, log, life });
  return { url: `http://127.0.0.1:${port}`, orm, statements, privateKey, stop: () => life.close() };
}

function collectingLogger(lines: string[]): Logger {
  return createLogger({ level: 'debug', service: 'auth' }, { write: (line) => void lines.push(line) });
}
