import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { DeliverableEvent } from '#shared/events/usage-event.js';
import { graphqlData } from '../support/graphql-client.js';
import { startAnalytics, type Account, type AnalyticsUnderTest } from './analytics-subgraph.js';
import { anyEvent, deliver, sampleEvent } from './sample-events.js';
import { errorRateOf, grouped, localStart, percentileBounds, ranked, sumOf, usdOf, within } from './usage-reference.js';

const USAGE = `query ($userId: ID!, $range: TimeRangeInput, $bucket: TimeBucket!, $timezone: String!) {
  usage(userId: $userId, range: $range) {
    from to
    overview {
      totalRequests distinctServices topServices { service count } topModels { provider model count }
      latency { p50Ms p95Ms } errorRate consumption { tokensIn tokensOut inputBytes outputBytes usd }
    }
    timeseries(bucket: $bucket, timezone: $timezone) { start service count }
    performance { service requests p50Ms p95Ms averageMs errorRate }
    costs { service provider model requests usd tokensIn tokensOut }
  }
}`;

interface Figures {
  from: string;
  to: string;
  overview: { latency: { p50Ms: number | null; p95Ms: number | null } } & Record<string, unknown>;
  timeseries: { start: string; service: string; count: number }[];
  performance: {
    service: string;
    requests: number;
    p50Ms: number;
    p95Ms: number;
    averageMs: number;
    errorRate: number;
  }[];
  costs: Record<string, unknown>[];
}
interface Asked {
  range?: { from?: string; to?: string };
  bucket?: 'day' | 'hour';
  timezone?: string;
}

const ZONES = ['UTC', 'Europe/Madrid', 'America/New_York', 'Asia/Kolkata', 'Asia/Kathmandu', 'Australia/Lord_Howe'];
const MARCH = { from: new Date('2026-03-01T00:00:00.000Z'), to: new Date('2026-04-10T00:00:00.000Z') };
const AROUND_MARCH = [new Date('2026-02-20T00:00:00.000Z'), new Date('2026-04-20T00:00:00.000Z')] as const;

let analytics: AnalyticsUnderTest;
beforeAll(async () => {
  analytics = await startAnalytics();
});
afterAll(() => analytics?.stop());

async function usageOf({ id, token }: Account, asked: Asked = {}): Promise<Figures> {
  const variables = { userId: id, bucket: 'day', timezone: 'UTC', ...asked };
  return (await graphqlData<{ usage: Figures }>(analytics.url, { query: USAGE, variables, token })).usage;
}

function expectPercentile(value: number | null, events: readonly DeliverableEvent[], p: number): void {
  const [low, high] = percentileBounds(events, p);
  expect(value).toBeGreaterThanOrEqual(low);
  expect(value).toBeLessThanOrEqual(high);
}

function expectOverview({ latency, ...overview }: Figures['overview'], events: DeliverableEvent[]): void {
  const services = ranked(events, ({ service }) => service).map(([service, { length }]) => ({
    service,
    count: length,
  }));
  const models = ranked(events, ({ provider, model }) => `${provider} ${model}`).map(([name, { length }]) => {
    const [provider, model] = name.split(' ');
    return { provider, model, count: length };
  });
  expect(overview).toEqual({
    totalRequests: events.length,
    distinctServices: services.length,
    topServices: services.slice(0, 5),
    topModels: models.slice(0, 5),
    errorRate: errorRateOf(events),
    consumption: {
      tokensIn: sumOf(events, ({ tokens }) => tokens.in),
      tokensOut: sumOf(events, ({ tokens }) => tokens.out),
      inputBytes: sumOf(events, ({ size }) => size.inputBytes),
      outputBytes: sumOf(events, ({ size }) => size.outputBytes),
      usd: usdOf(events),
    },
  });
  if (events.length === 0) {
    expect(latency).toEqual({ p50Ms: null, p95Ms: null });
  } else {
    expectPercentile(latency.p50Ms, events, 0.5);
    expectPercentile(latency.p95Ms, events, 0.95);
  }
}

function expectPerformance(performance: Figures['performance'], events: DeliverableEvent[]): void {
  const expected = ranked(events, ({ service }) => service);
  expect(performance.map(({ service, requests }) => [service, requests])).toEqual(
    expected.map(([service, group]) => [service, group.length]),
  );
  for (const [at, [, group]] of expected.entries()) {
    const found = performance[at];
    if (!found) throw new Error('a service is missing');
    expectPercentile(found.p50Ms, group, 0.5);
    expectPercentile(found.p95Ms, group, 0.95);
    expect(found.averageMs).toBeCloseTo(sumOf(group, ({ latencyMs }) => latencyMs) / group.length, 6);
    expect(found.errorRate).toBe(errorRateOf(group));
  }
}

function expectCosts(costs: Figures['costs'], events: DeliverableEvent[]): void {
  const expected = grouped(events, ({ service, provider, model }) => `${service} ${provider} ${model}`)
    .map(([name, group]) => ({ name, group, usd: usdOf(group) }))
    .toSorted((a, b) => b.usd - a.usd || (a.name < b.name ? -1 : 1))
    .map(({ name, group, usd }) => {
      const [service, provider, model] = name.split(' ');
      const tokensIn = sumOf(group, ({ tokens }) => tokens.in);
      const tokensOut = sumOf(group, ({ tokens }) => tokens.out);
      return { service, provider, model, requests: group.length, usd, tokensIn, tokensOut };
    });
  expect(costs).toEqual(expected);
}

function expectSeries(
  found: Figures['timeseries'],
  events: DeliverableEvent[],
  bucket: 'day' | 'hour',
  timezone: string,
) {
  const expected = grouped(events, ({ ts, service }) => `${localStart(ts, bucket, timezone)} ${service}`)
    .map(([name, { length }]) => ({ start: name.slice(0, 24), service: name.slice(25), count: length }))
    .toSorted((a, b) => (a.start + a.service < b.start + b.service ? -1 : 1));
  expect(found).toEqual(expected);
}

async function seriesOf(times: string[], bucket: 'day' | 'hour', timezone: string): Promise<[string, number][]> {
  const account = analytics.newAccount();
  await deliver(
    analytics,
    times.map((ts) => sampleEvent({ ts, userId: account.id })),
  );
  const range = { from: '2020-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z' };
  return (await usageOf(account, { range, bucket, timezone })).timeseries.map(({ start, count }) => [start, count]);
}

describe('Usage', () => {
  it('says of any events what they add up to, and of no others', async () => {
    const cases = fc.record({
      counts: fc.constantFrom(0, 1, 2, 25, 120),
      bucket: fc.constantFrom<('day' | 'hour')[]>('day', 'hour'),
      timezone: fc.constantFrom(...ZONES),
      seed: fc.integer(),
    });
    const property = fc.asyncProperty(cases, async ({ counts, bucket, timezone, seed }) => {
      const account = analytics.newAccount();
      const other = analytics.newAccount();
      const events = fc.sample(anyEvent(account.id, ...AROUND_MARCH), { numRuns: counts, seed });
      const others = fc.sample(anyEvent(other.id, ...AROUND_MARCH), { numRuns: 10, seed });
      expect(await deliver(analytics, [...events, ...others])).toBe(counts + 10);
      const range = { from: MARCH.from.toISOString(), to: MARCH.to.toISOString() };
      const usage = await usageOf(account, { range, bucket, timezone });
      const counted = within(events, MARCH.from, MARCH.to);
      expect(usage).toMatchObject(range);
      expectOverview(usage.overview, counted);
      expectPerformance(usage.performance, counted);
      expectCosts(usage.costs, counted);
      expectSeries(usage.timeseries, counted, bucket, timezone);
    });
    await fc.assert(property, { numRuns: 12 });
  });

  it('covers both ends of the range', async () => {
    const account = analytics.newAccount();
    const [from, to] = ['2026-03-01T00:00:00.000Z', '2026-03-02T00:00:00.000Z'];
    const times = ['2026-02-28T23:59:59.999Z', from, to, '2026-03-02T00:00:00.001Z'];
    await deliver(
      analytics,
      times.map((ts) => sampleEvent({ ts, userId: account.id })),
    );
    expect((await usageOf(account, { range: { from, to } })).overview['totalRequests']).toBe(2);
  });

  it('covers the 30 days up to now by default', async () => {
    const { from, to } = await usageOf(analytics.newAccount());
    expect(Date.parse(to) - Date.parse(from)).toBe(30 * 86_400_000);
    expect(Math.abs(Date.now() - Date.parse(to))).toBeLessThan(60_000);
  });

  it('adds money without the noise of floats', async () => {
    const account = analytics.newAccount();
    const cost = { usd: 0.1 };
    const ts = '2026-03-05T00:00:00.000Z';
    await deliver(
      analytics,
      Array.from({ length: 3 }, () => sampleEvent({ ts, cost, userId: account.id })),
    );
    const usage = await usageOf(account, { range: { from: ts, to: ts } });
    expect(usage.overview['consumption']).toMatchObject({ usd: 0.3 });
    expect(usage.costs).toMatchObject([{ usd: 0.3 }]);
  });

  it('asks the database only what was selected', async () => {
    const account = analytics.newAccount();
    const aggregationsFor = async (selection: string) => {
      const before = analytics.logLines.length;
      const query = `query ($userId: ID!) { usage(userId: $userId) { ${selection} } }`;
      await graphqlData(analytics.url, { query, variables: { userId: account.id }, token: account.token });
      return analytics.logLines.slice(before).filter((line) => line.includes('.aggregate(')).length;
    };
    expect(await aggregationsFor('from to')).toBe(0);
    expect(await aggregationsFor('overview { totalRequests errorRate latency { p50Ms } }')).toBe(1);
  });
});

describe('Usage.timeseries', () => {
  it('begins a day where the clock does when it has no midnight', async () => {
    // Cairo went from 00:00 to 01:00 on 26 April 2024.
    const times = ['2024-04-25T21:59:59.999Z', '2024-04-25T22:00:00.000Z', '2024-04-26T20:59:59.999Z'];
    expect(await seriesOf(times, 'day', 'Africa/Cairo')).toEqual([
      ['2024-04-24T22:00:00.000Z', 1],
      ['2024-04-25T22:00:00.000Z', 2],
    ]);
  });

  it('keeps the day of 25 hours in one piece', async () => {
    const times = ['2026-10-24T22:00:00.000Z', '2026-10-25T22:59:59.999Z', '2026-10-25T23:00:00.000Z'];
    expect(await seriesOf(times, 'day', 'Europe/Madrid')).toEqual([
      ['2026-10-24T22:00:00.000Z', 2],
      ['2026-10-25T23:00:00.000Z', 1],
    ]);
  });

  it('tells apart the two hours of the same name when clocks go back', async () => {
    const times = ['2026-10-25T00:30:00.000Z', '2026-10-25T01:30:00.000Z'];
    expect(await seriesOf(times, 'hour', 'Europe/Madrid')).toEqual([
      ['2026-10-25T00:00:00.000Z', 1],
      ['2026-10-25T01:00:00.000Z', 1],
    ]);
  });

  it('begins hours on the half hour where the zone does', async () => {
    expect(await seriesOf(['2026-03-01T12:29:59.999Z', '2026-03-01T12:30:00.000Z'], 'hour', 'Asia/Kolkata')).toEqual([
      ['2026-03-01T11:30:00.000Z', 1],
      ['2026-03-01T12:30:00.000Z', 1],
    ]);
  });
});
