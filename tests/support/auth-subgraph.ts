import { join } from 'node:path';
import type { MikroORM } from '@mikro-orm/postgresql';
import { createKeyPair } from '../../infra/init/key-pair.js';
import { anyFreePort } from '../../infra/local/ports.js';
import { startPostgres } from '../../infra/local/postgres/start-postgres.js';
import { authConfig } from '../../subgraphs/auth/config.js';
import { createAuthContext } from '../../subgraphs/auth/context.js';
import { openDatabase } from '../../subgraphs/auth/database.js';
import { buildAuthSchema } from '../../subgraphs/auth/schema.js';
import { RevocationService } from '../../subgraphs/auth/revocation.service.js';
import { loadConfig } from '#shared/config/load-config.js';
import { RevocationList } from '#shared/context/revocation-list.js';
import { createTokenVerifier } from '#shared/context/token-verifier.js';
import { createLogger, type Logger } from '#shared/logging/logger.js';
import { Lifecycle } from '#shared/server/lifecycle.js';
import { serveSubgraph } from '#shared/server/subgraph-server.js';
import { temporaryFolder } from './temporary-folder.js';

export interface AuthUnderTest {
  readonly url: string;
  readonly orm: MikroORM;
  /** Every log line so far, each SQL statement among them. */
  readonly statements: readonly string[];
  readonly privateKey: string;
  /** Reads once what is revoked, as a running service does again and again. */
  learnRevocations(): Promise<void>;
  stop(): Promise<void>;
}

/** The auth subgraph on a database of its own, listening on loopback. */
export async function startAuth(env: Record<string, string> = {}): Promise<AuthUnderTest> {
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
    SIGN_IN_FAILURES: '1000',
    ...env,
  });
  const statements: string[] = [];
  const log = collectingLogger(statements);
  const life = new Lifecycle(log);
  life.defer('folder', folder.remove);
  life.defer('postgres', postgres.stop);
  const orm = await openDatabase(config.DATABASE_URL, log);
  life.defer('orm', () => orm.close());
  const rules = { issuer: config.JWT_ISSUER, audience: config.JWT_AUDIENCE };
  const revoked = new RevocationList({
    source: (since) =>
      new RevocationService({
        em: orm.em.fork(),
        accessTtlMs: config.ACCESS_TTL,
        now: () => new Date(),
      }).list(since === null ? null : new Date(since)),
    lagMs: config.REVOCATION_LAG,
    graceMs: 3_600_000,
    log,
  });
  await revoked.read();
  const subgraph = {
    name: 'auth',
    schema: await buildAuthSchema(),
    context: await createAuthContext(orm, config),
    verify: createTokenVerifier({ accessKeys: publicKey }, rules, revoked),
    checks: { postgres: () => orm.em.getConnection().execute('select 1') },
  };
  const port = await serveSubgraph(subgraph, { config, log, life });
  return {
    url: `http://127.0.0.1:${port}`,
    orm,
    statements,
    privateKey,
    learnRevocations: () => revoked.read(),
    stop: () => life.close(),
  };
}

function collectingLogger(lines: string[]): Logger {
  return createLogger({ level: 'debug', service: 'auth' }, { write: (line) => void lines.push(line) });
}
