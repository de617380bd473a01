import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { ObjectId } from 'mongodb';
import { EventRow } from '../../subgraphs/analytics/entities/event.entity.js';
import { eventIdOf } from '#shared/events/usage-event.js';
import { sendGraphql } from '../support/graphql-client.js';
import { startAnalytics, type AnalyticsUnderTest } from './analytics-subgraph.js';
import { deliver, sampleEvent } from './sample-events.js';

const RECORD = `mutation ($events: [RecordEventInput!]!) { recordEvents(events: $events) }`;

let analytics: AnalyticsUnderTest;
beforeAll(async () => {
  analytics = await startAnalytics();
});
afterAll(() => analytics?.stop());

const storedOf = (userId: string) => analytics.orm.em.fork().getCollection(EventRow).find({ userId }).toArray();

describe('Mutation.recordEvents', () => {
  it('stores an event as it was delivered', async () => {
    const event = sampleEvent({ id: eventIdOf(randomUUID()), cost: { usd: null } });
    expect(await deliver(analytics, [event])).toBe(1);
    const { id, ...document } = event;
    const stored = await storedOf(event.userId);
    expect(stored).toEqual([{ ...document, _id: new ObjectId(id), ts: new Date(event.ts), origin: 'service' }]);
  });

  it('counts 20 parallel deliveries of the same events once', async () => {
    const userId = randomUUID();
    const events = Array.from({ length: 10 }, () => sampleEvent({ userId }));
    const counts = await Promise.all(Array.from({ length: 20 }, () => deliver(analytics, events)));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(10);
    expect(await storedOf(userId)).toHaveLength(10);
  });

  it('leaves an event as it is when it comes again with other figures, and stores the new ones beside it', async () => {
    const first = sampleEvent();
    const { userId } = first;
    await deliver(analytics, [first]);
    const twin = sampleEvent({ userId });
    expect(await deliver(analytics, [{ ...first, latencyMs: 9_999 }, twin, twin])).toBe(1);
    expect((await storedOf(userId)).map(({ latencyMs }) => latencyMs)).toEqual([first.latencyMs, twin.latencyMs]);
  });

  it('takes none, and 500, and refuses 501', async () => {
    expect(await deliver(analytics, [])).toBe(0);
    const events = Array.from({ length: 501 }, () => sampleEvent());
    expect(await deliver(analytics, events.slice(1))).toBe(500);
    const sent = { query: RECORD, variables: { events }, token: analytics.serviceToken };
    const { errors } = await sendGraphql(analytics.url, sent);
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', issues: [{ path: 'events' }] });
  });

  it.each<[string, object, string]>([
    ['an id that is no ObjectId', { id: 'xyz' }, 'events[1].id'],
    ['a user that is no UUID', { userId: 'me' }, 'events[1].userId'],
    ['a negative count', { tokens: { in: -1, out: 0 } }, 'events[1].tokens.in'],
    ['a negative cost', { cost: { usd: -1 } }, 'events[1].cost.usd'],
    ['an operator in meta', { meta: { $set: 1 } }, 'events[1].meta'],
  ])('refuses %s, naming the event and the field, and stores nothing', async (_what, changes, path) => {
    const good = sampleEvent();
    const events = [good, { ...sampleEvent({ userId: good.userId }), ...changes }];
    const sent = { query: RECORD, variables: { events }, token: analytics.serviceToken };
    const { errors } = await sendGraphql(analytics.url, sent);
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', issues: [{ path }] });
    expect(await storedOf(good.userId)).toEqual([]);
  });

  it.each([
    ['nobody', () => undefined],
    ['a user', () => analytics.newAccount().token],
    ['an admin', () => analytics.newAccount('admin').token],
  ])('is not for %s', async (_who, token) => {
    const sent = { query: RECORD, variables: { events: [sampleEvent()] }, token: token() };
    const { errors } = await sendGraphql(analytics.url, sent);
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
  });
});
