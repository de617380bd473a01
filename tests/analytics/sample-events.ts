import { randomBytes, randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import { EVENT_SERVICES, type DeliverableEvent } from '#shared/events/usage-event.js';
import { graphqlData } from '../support/graphql-client.js';
import type { AnalyticsUnderTest } from './analytics-subgraph.js';

const RECORD = `mutation ($events: [RecordEventInput!]!) { recordEvents(events: $events) }`;

/** An ordinary event, changed where a test cares. */
export function sampleEvent(changes: Partial<DeliverableEvent> = {}): DeliverableEvent {
  return {
    id: randomBytes(12).toString('hex'),
    ts: '2026-03-01T12:00:00.000Z',
    userId: randomUUID(),
    username: 'someone@example.com',
    service: 'image',
    action: 'generate',
    requestId: randomUUID(),
    provider: 'local',
    model: 'composition-1',
    latencyMs: 120,
    status: 200,
    tokens: { in: 3, out: 5 },
    size: { inputBytes: 7, outputBytes: 11 },
    cost: { usd: 0.001 },
    meta: { params: { size: '256x256' } },
    ...changes,
  };
}

/** Delivers events as a service does and returns how many were new. */
export async function deliver(analytics: AnalyticsUnderTest, events: readonly DeliverableEvent[]): Promise<number> {
  const sent = { query: RECORD, variables: { events }, token: analytics.serviceToken };
  return (await graphqlData<{ recordEvents: number }>(analytics.url, sent)).recordEvents;
}

const count = fc.nat({ max: 50_000 });

/** Any event of one user in a span of time, few enough providers and models that counts collide and tie. */
export function anyEvent(userId: string, from: Date, to: Date): fc.Arbitrary<DeliverableEvent> {
  return fc
    .record({
      ts: fc.date({ min: from, max: to, noInvalidDate: true }).map((ts) => ts.toISOString()),
      service: fc.constantFrom(...EVENT_SERVICES),
      provider: fc.constantFrom('local', 'pollinations', 'githubmodels'),
      model: fc.constantFrom('flux', 'gpt-4o-mini', 'sdxl'),
      latencyMs: fc.oneof(fc.nat({ max: 20_000 }), fc.double({ min: 0, max: 900, noNaN: true })),
      status: fc.constantFrom(100, 200, 201, 399, 400, 429, 500, 599),
      tokens: fc.record({ in: count, out: count }),
      size: fc.record({ inputBytes: count, outputBytes: fc.nat({ max: 2 ** 40 }) }),
      cost: fc.record({ usd: fc.option(fc.nat({ max: 5_000_000 }).map((n) => n / 1e6)) }),
    })
    .map((changes) => sampleEvent({ ...changes, userId }));
}
