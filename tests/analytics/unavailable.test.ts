import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { request } from 'undici';
import { sendGraphql } from '../support/graphql-client.js';
import { startAnalytics, type AnalyticsUnderTest } from './analytics-subgraph.js';
import { sampleEvent } from './sample-events.js';
import { TcpRelay } from '../support/tcp-relay.js';

const USAGE = `query ($userId: ID!) { usage(userId: $userId) { overview { totalRequests } } }`;
const REPORT = `mutation { reportEvent(input: { service: chat, action: "a", provider: "p", model: "m", latencyMs: 1, status: 200 }) { id } }`;
const RECORD = `mutation ($events: [RecordEventInput!]!) { recordEvents(events: $events) }`;
const ENTITY = `query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Event { ts } } }`;

let analytics: AnalyticsUnderTest;
let relay: TcpRelay;
beforeAll(async () => {
  analytics = await startAnalytics({
    through: async (uri) => {
      relay = await TcpRelay.to(uri);
      return relay.url;
    },
  });
});
afterAll(async () => {
  await relay?.mend();
  await analytics?.stop();
  await relay?.close();
});

describe('Without its database', () => {
  it('every operation says so, gives no address away, and works again afterwards', async () => {
    const user = analytics.newAccount();
    const event = sampleEvent({ userId: user.id });
    const operations = [
      { query: USAGE, variables: { userId: user.id }, token: user.token },
      { query: REPORT, token: user.token },
      { query: RECORD, variables: { events: [event] }, token: analytics.serviceToken },
      { query: ENTITY, variables: { representations: [{ __typename: 'Event', id: event.id }] }, token: user.token },
    ];
    expect((await request(`${analytics.url}/readyz`)).statusCode).toBe(200);
    await relay.sever();
    const [ready, ...replies] = await Promise.all([
      request(`${analytics.url}/readyz`),
      ...operations.map((sent) => sendGraphql(analytics.url, sent)),
    ]);
    expect(ready?.statusCode).toBe(503);
    for (const { errors, text } of replies) {
      expect(errors).toMatchObject([
        {
          message: 'Analytics is temporarily unavailable.',
          extensions: { code: 'SERVICE_UNAVAILABLE', retryable: true },
        },
      ]);
      expect(text).not.toContain('127.0.0.1');
    }
    await relay.mend();
    const after = await sendGraphql(analytics.url, {
      query: RECORD,
      variables: { events: [event] },
      token: analytics.serviceToken,
    });
    expect(after.data).toEqual({ recordEvents: 1 });
  });
});
