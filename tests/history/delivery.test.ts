import 'reflect-metadata';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { ObjectId } from 'mongodb';
import { AppError } from '#shared/errors/app-error.js';
import { AnalyticsSink } from '#shared/events/analytics-sink.js';
import { eventIdOf } from '#shared/events/usage-event.js';
import type { HistoryRecord } from '#shared/history/history.port.js';
import { EventRow } from '../../subgraphs/analytics/entities/event.entity.js';
import { startAnalytics, type AnalyticsUnderTest } from '../analytics/analytics-subgraph.js';
import { openReplica, producedOf, requestOf } from '../support/history-under-test.js';
import { MemoryObjectStore } from '../support/memory-object-store.js';

let analytics: AnalyticsUnderTest;
let events: AnalyticsSink;
beforeAll(async () => {
  analytics = await startAnalytics();
  events = new AnalyticsSink(analytics.url, () => analytics.serviceToken);
});
afterAll(async () => {
  await events?.close();
  await analytics?.stop();
});

let store: MemoryObjectStore;
let userId: string;
beforeEach(() => {
  store = new MemoryObjectStore();
  userId = randomUUID();
});

const storedOf = (id: string) => analytics.orm.em.fork().getCollection(EventRow).find({ userId: id }).toArray();
const record = (): HistoryRecord => {
  const key = store.keys('requests/').find((candidate) => candidate.endsWith('/record.json'));
  return JSON.parse(store.text(key ?? 'no record')) as HistoryRecord;
};

describe('a request of the history, at the analytics subgraph', () => {
  it.each([
    ['succeeded', () => Promise.resolve(producedOf())],
    ['failed', () => Promise.reject(new AppError('UPSTREAM_ERROR', 'It failed.'))],
  ])('is one event with its figures when it %s', async (_outcome, produce) => {
    const { history, relay } = openReplica({ store, events });
    await history.run(requestOf({ userId }), produce).catch(() => undefined);
    await relay.stop();
    const { id, username, service, provider, model, latencyMs, status, tokens, size, cost, createdAt, meta } = record();
    const figures = { userId, username, service, provider, model, latencyMs, status, tokens, size, cost };
    const { action, requestId, params } = meta;
    const stored = { ...figures, _id: new ObjectId(eventIdOf(id)), ts: new Date(createdAt), action, requestId };
    expect(await storedOf(userId)).toEqual([{ ...stored, meta: { params }, origin: 'service' }]);
    expect(store.keys('outbox/')).toEqual([]);
  });

  it('is one event however many replicas settle it', async () => {
    const { history, relay } = openReplica({ store, events });
    await history.run(requestOf({ userId }), () => Promise.resolve(producedOf()));
    const committed = record();
    await Promise.all([relay.stop(), ...[1, 2, 3].map(() => openReplica({ store, events }).relay.settle(committed))]);
    expect(await storedOf(userId)).toHaveLength(1);
  });
});
