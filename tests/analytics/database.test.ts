import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openDatabase } from '../../subgraphs/analytics/database.js';
import { EventRow } from '../../subgraphs/analytics/entities/event.entity.js';
import { createLogger } from '#shared/logging/logger.js';
import { Lifecycle } from '#shared/server/lifecycle.js';
import { temporaryDatabase } from './analytics-subgraph.js';

const log = createLogger({ level: 'silent', service: 'analytics' });
const life = new Lifecycle(log);
let database: { uri: string; name: string };
beforeAll(async () => {
  database = await temporaryDatabase(life);
});
afterAll(() => life.close());

/** The indexes that are there after a start: their keys, and the age limit of those that have one. */
async function indexesAfterStart(ttlDays?: number): Promise<{ key: object; expireAfterSeconds?: number }[]> {
  const orm = await openDatabase(
    {
      ANALYTICS_MONGO_URI: database.uri,
      ANALYTICS_DB: database.name,
      ANALYTICS_COLLECTION: 'usage_events',
      EVENTS_TTL_DAYS: ttlDays,
    },
    log,
  );
  try {
    const events = orm.em.getCollection(EventRow);
    expect(events.collectionName).toBe('usage_events');
    const indexes = await events.indexes();
    return indexes.map(({ key, expireAfterSeconds }) => ({ key, ...(expireAfterSeconds && { expireAfterSeconds }) }));
  } finally {
    await orm.close();
  }
}

const ALWAYS = [
  { key: { _id: 1 } },
  { key: { userId: 1, ts: -1 } },
  { key: { service: 1, ts: -1 } },
  { key: { requestId: 1 } },
];
const ttl = (days: number) => ({ key: { ts: 1 }, expireAfterSeconds: days * 86_400 });

describe('The collection of events', () => {
  it('has its indexes after a start, and after the next', async () => {
    expect(await indexesAfterStart()).toEqual(ALWAYS);
    expect(await indexesAfterStart()).toEqual(ALWAYS);
  });

  it('lets events go after EVENTS_TTL_DAYS, follows a change of it, and keeps them when it is taken away', async () => {
    expect(await indexesAfterStart(30)).toEqual([...ALWAYS, ttl(30)]);
    expect(await indexesAfterStart(400)).toEqual([...ALWAYS, ttl(400)]);
    expect(await indexesAfterStart(400)).toEqual([...ALWAYS, ttl(400)]);
    expect(await indexesAfterStart()).toEqual(ALWAYS);
  });

  it('is made once by replicas that start together', async () => {
    await Promise.all(Array.from({ length: 4 }, () => indexesAfterStart(30)));
    expect(await indexesAfterStart(30)).toEqual([...ALWAYS, ttl(30)]);
  });
});
