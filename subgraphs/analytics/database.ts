import { defineConfig, MikroORM } from '@mikro-orm/mongodb';
import type { Collection } from 'mongodb';
import type { Logger } from '#shared/logging/logger.js';
import type { AnalyticsConfig } from './config.js';
import { EventRow } from './entities/event.entity.js';

/** A database that is away is said to be so in this time, well within a request's deadline. */
const SERVER_SELECTION_TIMEOUT_MS = 3_000;
const DAY_SEC = 86_400;
const TTL_INDEX = 'ts_ttl';
const NO_SUCH_INDEX = 27;

type DatabaseSettings = Pick<
  AnalyticsConfig,
  'ANALYTICS_MONGO_URI' | 'ANALYTICS_DB' | 'ANALYTICS_COLLECTION' | 'EVENTS_TTL_DAYS'
>;

/** Opens the database and makes its indexes (§3.2 of the original specification); those that exist stay as they are. */
export async function openDatabase(settings: DatabaseSettings, log: Logger): Promise<MikroORM> {
  const orm = await MikroORM.init(databaseConfig(settings, log));
  const events = orm.em.getCollection<EventRow>(EventRow);
  await events.createIndexes([
    { key: { userId: 1, ts: -1 } },
    { key: { service: 1, ts: -1 } },
    { key: { requestId: 1 } },
  ]);
  await keepTtlIndex(events, settings.EVENTS_TTL_DAYS);
  return orm;
}

function databaseConfig(settings: DatabaseSettings, log: Logger) {
  return defineConfig({
    clientUrl: settings.ANALYTICS_MONGO_URI,
    dbName: settings.ANALYTICS_DB,
    entities: [EventRow],
    ensureIndexes: false,
    implicitTransactions: false,
    discovery: {
      onMetadata: (meta) => {
        meta.tableName = settings.ANALYTICS_COLLECTION;
      },
    },
    driverOptions: { serverSelectionTimeoutMS: SERVER_SELECTION_TIMEOUT_MS },
    logger: (line) => log.debug(line),
    colors: false,
    debug: log.isLevelEnabled('debug') ? ['query'] : false,
  });
}

/**
 * An index cannot change its age limit by being made again, so one of another limit is made anew; without a limit
 * there is none, so that taking the setting away ends the deleting.
 */
async function keepTtlIndex(events: Collection<EventRow>, days: number | undefined): Promise<void> {
  const found = (await events.indexes()).find((index) => index.name === TTL_INDEX);
  const expireAfterSeconds = days === undefined ? undefined : days * DAY_SEC;
  if (found?.expireAfterSeconds === expireAfterSeconds) return;
  if (found) await events.dropIndex(TTL_INDEX).catch(unlessGone);
  if (expireAfterSeconds !== undefined) await events.createIndex({ ts: 1 }, { name: TTL_INDEX, expireAfterSeconds });
}

/** Another replica that starts at the same time may have dropped it. */
function unlessGone(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === NO_SUCH_INDEX)) throw error;
}
