import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { ObjectId } from 'mongodb';
import { EventRow } from '../../subgraphs/analytics/entities/event.entity.js';
import { graphqlData, sendGraphql } from '../support/graphql-client.js';
import { startAnalytics, type Account, type AnalyticsUnderTest } from './analytics-subgraph.js';
import { deliver, sampleEvent } from './sample-events.js';

const REPORT = `mutation ($input: ReportEventInput!) { reportEvent(input: $input) {
  id ts owner { id } username service action requestId provider model latencyMs status
  tokens { in out } size { inputBytes outputBytes } cost { usd } meta
} }`;

/** The least that a report must say. */
const LEAST = {
  service: 'image',
  action: 'generate',
  provider: 'pollinations',
  model: 'flux',
  latencyMs: 1420,
  status: 200,
};

let analytics: AnalyticsUnderTest;
let account: Account;
beforeAll(async () => {
  analytics = await startAnalytics();
  account = analytics.newAccount();
});
afterAll(() => analytics?.stop());

async function report(input: object): Promise<Record<string, unknown>> {
  const sent = { query: REPORT, variables: { input }, token: account.token };
  return (await graphqlData<{ reportEvent: Record<string, unknown> }>(analytics.url, sent)).reportEvent;
}

describe('Mutation.reportEvent', () => {
  it('stores the document of the original specification and gives it back', async () => {
    const document = {
      ...LEAST,
      ts: '2025-10-01T22:35:11.901Z',
      requestId: randomUUID(),
      tokens: { in: 1200, out: 350 },
      size: { inputBytes: 8421, outputBytes: 3_000_000_000 },
      meta: { params: { size: '1024x1024', seeds: [1, 2], deep: { ok: true } } },
    };
    const _id = new ObjectId().toHexString();
    const sent = { _id, ...document, userId: account.id, username: 'someone.else@example.com', cost: { usd: 0 } };
    const { id, ...event } = await report(sent);
    expect(id).not.toBe(_id);
    const expected = { ...document, username: account.email, cost: { usd: 0 } };
    expect(event).toEqual({ ...expected, owner: { id: account.id } });

    const events = analytics.orm.em.fork().getCollection(EventRow);
    const stored = await events.findOne({ requestId: document.requestId });
    expect(stored).toEqual({
      ...expected,
      _id: new ObjectId(String(id)),
      ts: new Date(document.ts),
      userId: account.id,
      origin: 'user',
    });
  });

  it('takes an _id for nothing: neither that of another event, nor one twice', async () => {
    const delivered = sampleEvent({ userId: account.id, ts: new Date().toISOString() });
    await deliver(analytics, [delivered]);
    const reports = [delivered.id, delivered.id, 'ObjectId', null].map((_id) => report({ ...LEAST, _id }));
    const ids = (await Promise.all(reports)).map(({ id }) => id);
    expect(new Set([delivered.id, ...ids]).size).toBe(5);
    const events = analytics.orm.em.fork().getCollection(EventRow);
    expect(await events.findOne({ _id: new ObjectId(delivered.id) })).toMatchObject({ origin: 'service' });
  });

  it('fills in what is left out: now, this request, nothing consumed', async () => {
    const requestId = randomUUID();
    const headers = { 'x-request-id': requestId };
    const sent = { query: REPORT, variables: { input: LEAST }, token: account.token, headers };
    const { reportEvent } = await graphqlData<{ reportEvent: Record<string, unknown> }>(analytics.url, sent);
    expect(reportEvent).toMatchObject({
      requestId,
      username: account.email,
      tokens: { in: 0, out: 0 },
      size: { inputBytes: 0, outputBytes: 0 },
      cost: { usd: 0 },
      meta: {},
    });
    expect(Math.abs(Date.now() - Date.parse(String(reportEvent['ts'])))).toBeLessThan(60_000);
  });

  it('is in the usage of the one who reports', async () => {
    const other = analytics.newAccount();
    await graphqlData(analytics.url, { query: REPORT, variables: { input: LEAST }, token: other.token });
    const query = `query ($userId: ID!) { usage(userId: $userId) { overview { totalRequests } } }`;
    const data = await graphqlData(analytics.url, { query, variables: { userId: other.id }, token: other.token });
    expect(data).toEqual({ usage: { overview: { totalRequests: 1 } } });
  });

  it('never counts in costs, and says who reported it', async () => {
    const other = analytics.newAccount();
    const delivered = sampleEvent({ userId: other.id, ts: new Date().toISOString(), cost: { usd: 0.25 } });
    await deliver(analytics, [delivered]);
    const reported = { ...LEAST, tokens: { in: 1_000_000, out: 1_000_000 } };
    const sent = {
      query: `mutation ($input: ReportEventInput!) { reportEvent(input: $input) { origin } }`,
      token: other.token,
    };
    const answer = await graphqlData(analytics.url, { ...sent, variables: { input: reported } });
    expect(answer).toEqual({ reportEvent: { origin: 'user' } });
    const query = `query ($userId: ID!) { usage(userId: $userId) {
      costs { model requests usd tokensIn } overview { totalRequests consumption { usd } }
    } }`;
    const data = await graphqlData(analytics.url, { query, variables: { userId: other.id }, token: other.token });
    expect(data).toEqual({
      usage: {
        costs: [{ model: delivered.model, requests: 1, usd: 0.25, tokensIn: delivered.tokens.in }],
        overview: { totalRequests: 2, consumption: { usd: 0.25 } },
      },
    });
  });

  it('refuses to report on somebody else, naming the field', async () => {
    const variables = { input: { ...LEAST, userId: randomUUID() } };
    const { errors } = await sendGraphql(analytics.url, { query: REPORT, variables, token: account.token });
    expect(errors[0]?.extensions.code).toBe('FORBIDDEN');
    expect(errors[0]?.message).toContain('input.userId');
  });

  it.each([
    ['nobody', () => undefined],
    ['a service', () => analytics.serviceToken],
  ])('is not for %s', async (_who, token) => {
    const reply = await sendGraphql(analytics.url, { query: REPORT, variables: { input: LEAST }, token: token() });
    expect(reply.errors[0]?.extensions.code).toBe('UNAUTHENTICATED');
  });

  const nested = (depth: number): object => (depth === 1 ? { end: true } : { down: nested(depth - 1) });

  it.each<[string, object, string]>([
    ['a cost', { cost: { usd: 0.01 } }, 'input.cost.usd'],
    ['a negative cost', { cost: { usd: -1 } }, 'input.cost.usd'],
    ['an unknown service', { service: 'video' }, 'input.service'],
    ['no service', { service: undefined }, 'input.service'],
    ['an empty action', { action: '' }, 'input.action'],
    ['a long action', { action: 'a'.repeat(121) }, 'input.action'],
    ['a long provider', { provider: 'p'.repeat(121) }, 'input.provider'],
    ['a long model', { model: 'm'.repeat(121) }, 'input.model'],
    ['a model that is no text', { model: 7 }, 'input.model'],
    ['a negative latency', { latencyMs: -1 }, 'input.latencyMs'],
    ['a latency that is no number', { latencyMs: '12' }, 'input.latencyMs'],
    ['a status below 100', { status: 99 }, 'input.status'],
    ['a status above 599', { status: 600 }, 'input.status'],
    ['a fractional status', { status: 200.5 }, 'input.status'],
    ['negative tokens', { tokens: { in: -1 } }, 'input.tokens.in'],
    ['fractional tokens', { tokens: { out: 0.5 } }, 'input.tokens.out'],
    ['more bytes than numbers hold', { size: { outputBytes: 2 ** 53 } }, 'input.size.outputBytes'],
    ['negative bytes', { size: { inputBytes: -5 } }, 'input.size.inputBytes'],
    ['a time that is none', { ts: 'yesterday' }, 'input.ts'],
    ['a time to come', { ts: '2199-01-01T00:00:00Z' }, 'input.ts'],
    ['a time before all', { ts: '1970-01-01T00:00:00Z' }, 'input.ts'],
    ['a request id that is no UUID', { requestId: 'req_1' }, 'input.requestId'],
    ['a meta that is a list', { meta: [] }, 'input.meta'],
    ['a meta of more than 8 KiB', { meta: { text: 'ñ'.repeat(4_096) } }, 'input.meta'],
    ['a meta nested 9 deep', { meta: nested(9) }, 'input.meta'],
    ['an operator in meta', { meta: { params: [{ $where: '1' }] } }, 'input.meta'],
    ['a dotted key in meta', { meta: { 'a.b': 1 } }, 'input.meta'],
    ['a NUL in a key of meta', { meta: { 'a\0b': 1 } }, 'input.meta'],
    ['a field that is not known', { origin: 'service' }, 'input.origin'],
  ])('refuses %s, naming the field', async (_what, changes, path) => {
    const variables = { input: { ...LEAST, ...changes } };
    const { errors } = await sendGraphql(analytics.url, { query: REPORT, variables, token: account.token });
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT']);
    expect(errors[0]?.extensions.issues?.map((issue) => issue.path)).toEqual([path]);
    expect(errors[0]?.message).toContain(path);
  });

  it('refuses __proto__ in a meta, in the document and in the body', async () => {
    const fields = `service: image, action: "a", provider: "p", model: "m", latencyMs: 1, status: 200`;
    const query = `mutation { reportEvent(input: { ${fields}, meta: { a: { __proto__: { admin: true } } } }) { id } }`;
    const { errors } = await sendGraphql(analytics.url, { query, token: account.token });
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', issues: [{ path: 'input.meta' }] });

    const variables = { input: { ...LEAST, meta: JSON.parse('{"a":{"__proto__":{"admin":true}}}') as object } };
    const reply = await sendGraphql(analytics.url, { query: REPORT, variables, token: account.token });
    expect(reply.status).toBe(400);
  });

  it('takes a meta that is as deep and as large as may be', async () => {
    expect((await report({ ...LEAST, meta: nested(8) }))['meta']).toEqual(nested(8));
    const meta = { text: 'a'.repeat(8 * 1024 - '{"text":""}'.length) };
    expect((await report({ ...LEAST, meta }))['meta']).toEqual(meta);
  });
});
