import { Migrator } from '@mikro-orm/migrations';
import { defineConfig, MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from '#shared/logging/logger.js';
import { SessionRow } from './entities/session.entity.js';
import { UserRow } from './entities/user.entity.js';
import { UsersAndSessions } from './migrations/0001-users-and-sessions.js';
import { SessionFamilies } from './migrations/0002-session-families.js';
import { RoleChanges } from './migrations/0003-role-changes.js';
import { PromptStorageOfUsers } from './migrations/0004-prompt-storage.js';

/** Any number that no other user of the database takes for an advisory lock. */
const MIGRATION_LOCK = 4_207_137;

export function databaseConfig(databaseUrl: string) {
  return defineConfig({
    clientUrl: databaseUrl,
    entities: [UserRow, SessionRow],
    extensions: [Migrator],
    migrations: {
      migrationsList: [
        { name: '0001-users-and-sessions', class: UsersAndSessions },
        { name: '0002-session-families', class: SessionFamilies },
        { name: '0003-role-changes', class: RoleChanges },
        { name: '0004-prompt-storage', class: PromptStorageOfUsers },
      ],
      snapshot: false,
    },
  });
}

/** Opens the database and brings its tables up to date; replicas that start together take turns. */
export async function openDatabase(databaseUrl: string, log: Logger): Promise<MikroORM> {
  const orm = await MikroORM.init({
    ...databaseConfig(databaseUrl),
    logger: (line) => log.debug(line),
    colors: false,
    // Statements without their parameters: those hold addresses and hashes.
    debug: log.isLevelEnabled('debug') ? ['query'] : false,
  });
  await orm.em.fork().transactional(async (em) => {
    await em.execute('select pg_advisory_xact_lock(?)', [MIGRATION_LOCK]);
    await orm.migrator.up();
  });
  return orm;
}
