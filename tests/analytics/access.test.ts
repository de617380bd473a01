import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { graphqlData, sendGraphql, type GraphqlReply } from '../support/graphql-client.js';
import { startAnalytics, type Account, type AnalyticsUnderTest } from './analytics-subgraph.js';
import { deliver, sampleEvent } from './sample-events.js';

const USAGE = `query ($userId: ID!, $range: TimeRangeInput) { usage(userId: $userId, range: $range) { overview { totalRequests } } }`;
const ENTITIES = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
  ... on Event { id service owner { id } }
  ... on User { usage(range: { from: "2026-01-01T00:00:00Z", to: "2026-12-31T00:00:00Z" }) { overview { totalRequests } } }
} }`;

let analytics: AnalyticsUnderTest;
let owner: Account;
beforeAll(async () => {
  analytics = await startAnalytics();
  owner = analytics.newAccount();
});
afterAll(() => analytics?.stop());

const ask = (userId: string, token: string | undefined, range?: object): Promise<GraphqlReply> =>
  sendGraphql(analytics.url, { query: USAGE, variables: { userId, range }, token });
const entities = (representations: object[], token: string): Promise<GraphqlReply> =>
  sendGraphql(analytics.url, { query: ENTITIES, variables: { representations }, token });

const referencesTo = (ids: string[]): object[] => ids.map((id) => ({ __typename: 'Event', id }));

describe('Query.usage', () => {
  it('answers an admin about anybody', async () => {
    const { token } = analytics.newAccount('admin');
    expect((await ask(owner.id, token)).data).toEqual({ usage: { overview: { totalRequests: 0 } } });
  });

  it('answers another user as if there were no such user', async () => {
    const { token } = analytics.newAccount();
    const [foreign, unknown] = [await ask(owner.id, token), await ask(randomUUID(), token)];
    expect(foreign.errors[0]).toMatchObject({ message: 'No such user.', extensions: { code: 'NOT_FOUND' } });
    expect(foreign.text).toBe(unknown.text);
  });

  it.each([
    ['nobody', () => undefined],
    ['a service', () => analytics.serviceToken],
  ])('is not for %s', async (_who, token) => {
    expect((await ask(owner.id, token())).errors[0]?.extensions.code).toBe('UNAUTHENTICATED');
  });

  it.each<[string, object, string]>([
    ['a range that ends before it begins', { from: '2026-02-01T00:00:00Z', to: '2026-01-01T00:00:00Z' }, 'range.from'],
    ['a date that is none', { from: 'today' }, 'range.from'],
  ])('refuses %s, naming the field', async (_what, range, path) => {
    const { errors } = await ask(owner.id, owner.token, range);
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', issues: [{ path }] });
  });

  it.each(['Mars/Olympus', '', '+05:37', 'UTC; drop', 'E'.repeat(200)])(
    'refuses the time zone %j, naming it',
    async (timezone) => {
      const query = `query ($userId: ID!, $timezone: String!) { usage(userId: $userId) { timeseries(timezone: $timezone) { count } } }`;
      const variables = { userId: owner.id, timezone };
      const { errors } = await sendGraphql(analytics.url, { query, variables, token: owner.token });
      expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', issues: [{ path: 'timezone' }] });
    },
  );
});

describe('User as an entity', () => {
  it('has a usage for its owner, and for nobody else', async () => {
    await deliver(analytics, [sampleEvent({ userId: owner.id })]);
    const representations = [{ __typename: 'User', id: owner.id }];
    const own = await entities(representations, owner.token);
    expect(own.data).toEqual({ _entities: [{ usage: { overview: { totalRequests: 1 } } }] });
    const foreign = await entities(representations, analytics.newAccount().token);
    expect(foreign.data).toEqual({ _entities: [null] });
    expect(foreign.errors[0]).toMatchObject({ message: 'No such user.', extensions: { code: 'NOT_FOUND' } });
  });
});

describe('Event as an entity', () => {
  it('is there for its owner; of somebody else, unknown and impossible ones are null', async () => {
    const own = sampleEvent({ userId: owner.id });
    const foreign = sampleEvent();
    await deliver(analytics, [own, foreign]);
    const reply = await entities(referencesTo([own.id, foreign.id, sampleEvent().id, 'no id']), owner.token);
    expect(reply.errors).toEqual([]);
    expect(reply.data).toEqual({
      _entities: [{ id: own.id, service: own.service, owner: { id: owner.id } }, null, null, null],
    });
  });

  it('is read by one query however many are asked for', async () => {
    const events = Array.from({ length: 12 }, () => sampleEvent());
    await deliver(analytics, events);
    const representations = referencesTo(events.map(({ id }) => id));
    const before = analytics.logLines.length;
    const { token } = analytics.newAccount('admin');
    const { _entities } = await graphqlData<{ _entities: { id: string }[] }>(analytics.url, {
      query: ENTITIES,
      variables: { representations },
      token,
    });
    expect(_entities.map(({ id }) => id)).toEqual(events.map(({ id }) => id));
    expect(analytics.logLines.slice(before).filter((line) => line.includes('.find('))).toHaveLength(1);
  });
});
