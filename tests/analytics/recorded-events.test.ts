import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventDigest } from '../../infra/history/event-digest.js';
import { recordedEvents } from '../../infra/history/recorded-events.js';
import { graphqlData, sendGraphql } from '../support/graphql-client.js';
import { startAnalytics, type AnalyticsUnderTest } from './analytics-subgraph.js';
import { deliver, sampleEvent } from './sample-events.js';

const EVENTS = `query ($service: EventService!, $after: ID, $first: Int! = 1000) {
  recordedEvents(service: $service, after: $after, first: $first) { id }
}`;
const REPORT = `mutation ($input: ReportEventInput!) { reportEvent(input: $input) { id } }`;

let analytics: AnalyticsUnderTest;
const events = Array.from({ length: 5 }, () => sampleEvent({ service: 'summarize' }));
const inOrder = events.map(({ id }) => id).toSorted();
beforeAll(async () => {
  analytics = await startAnalytics();
  await deliver(analytics, [...events, sampleEvent({ service: 'chat' })]);
  const { token } = analytics.newAccount();
  const input = { service: 'summarize', action: 'x', provider: 'x', model: 'x', latencyMs: 1, status: 200 };
  await graphqlData(analytics.url, { query: REPORT, variables: { input }, token });
});
afterAll(() => analytics?.stop());

const ids = async (variables: object): Promise<string[]> => {
  const sent = { query: EVENTS, variables: { ...variables }, token: analytics.serviceToken };
  const { recordedEvents: page } = await graphqlData<{ recordedEvents: { id: string }[] }>(analytics.url, sent);
  return page.map(({ id }) => id);
};

describe('Query.recordedEvents', () => {
  it('tells services all that they delivered about one of them, and nothing that users reported', async () => {
    expect(await ids({ service: 'summarize' })).toEqual(inOrder);
  });

  it('tells all that an event says, as it was delivered', async () => {
    const access = { analyticsUrl: analytics.url, signToken: () => analytics.serviceToken };
    const nobodyKnows = sampleEvent({ service: 'chat', cost: { usd: null }, meta: { params: { b: 1, a: null } } });
    const shouting = sampleEvent({
      service: 'chat',
      userId: randomUUID().toUpperCase(),
      requestId: randomUUID().toUpperCase(),
    });
    const cut = sampleEvent({
      service: 'chat',
      model: '🌊'.slice(0, 1),
      size: { inputBytes: 2 ** 40, outputBytes: 0 },
    });
    const delivered = [nobodyKnows, shouting, cut];
    await deliver(analytics, delivered);
    const found = await recordedEvents(access, 'chat');
    expect(found.size).toBe(4);
    expect(delivered.map(({ id }) => found.get(id))).toEqual(delivered.map(eventDigest));
    expect(eventDigest({ ...cut, status: 201 })).not.toBe(eventDigest(cut));
  });

  it('tells them in pages', async () => {
    expect(await ids({ service: 'summarize', first: 2 })).toEqual(inOrder.slice(0, 2));
    expect(await ids({ service: 'summarize', first: 9, after: inOrder[1] })).toEqual(inOrder.slice(2));
    expect(await ids({ service: 'summarize', after: inOrder[4] })).toEqual([]);
  });

  it.each([
    ['a signed-in user', () => analytics.newAccount().token],
    ['an admin', () => analytics.newAccount('admin').token],
    ['nobody', () => undefined],
  ])('tells %s nothing', async (_name, token) => {
    const reply = await sendGraphql(analytics.url, { query: EVENTS, variables: { service: 'chat' }, token: token() });
    expect(reply.errors[0]?.extensions.code).toBe('FORBIDDEN');
    expect(reply.data).toBeNull();
  });

  it.each([
    ['after', { after: 'x' }],
    ['first', { first: 0 }],
    ['first', { first: 1001 }],
  ])('refuses a wrong %s by its name', async (name, wrong) => {
    const variables = { service: 'chat', ...wrong };
    const { errors } = await sendGraphql(analytics.url, { query: EVENTS, variables, token: analytics.serviceToken });
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', issues: [{ path: name }] });
  });
});
