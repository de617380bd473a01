import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parse } from 'graphql';
import { AnalyticsSink } from '#shared/events/analytics-sink.js';
import { eventIdOf, type DeliverableEvent } from '#shared/events/usage-event.js';
import { newIdentity } from '#shared/history/keys.js';
import { jsonAnswer, startAnalyticsDouble, type AnalyticsDouble } from '../support/analytics-double.js';
import { NOW, openReplica, producedOf, REQUEST_ID, requestOf, USER_ID } from '../support/history-under-test.js';
import { MemoryObjectStore } from '../support/memory-object-store.js';

const UNAVAILABLE = { code: 'SERVICE_UNAVAILABLE', message: 'Analytics is not available.' };

let analytics: AnalyticsDouble;
let sink: AnalyticsSink;
let tokens: number;
beforeEach(async () => {
  analytics = await startAnalyticsDouble();
  tokens = 0;
  sink = new AnalyticsSink(analytics.url, () => `token-${(tokens += 1)}`);
});
afterEach(async () => {
  await sink.close();
  await analytics.close();
});

const eventOf = (change: Partial<DeliverableEvent> = {}): DeliverableEvent => ({
  id: eventIdOf(newIdentity(NOW).id),
  ts: NOW.toISOString(),
  userId: USER_ID,
  username: 'ada@example.com',
  service: 'image',
  action: 'generate',
  requestId: REQUEST_ID,
  provider: 'pollinations',
  model: 'flux',
  latencyMs: 12,
  status: 200,
  tokens: { in: 1, out: 2 },
  size: { inputBytes: 3, outputBytes: 4 },
  cost: { usd: null },
  meta: { params: { style: 'año 😀' } },
  ...change,
});

describe('the sink to analytics', () => {
  it('posts the events as one mutation, as the service, under the request id', async () => {
    const events = [eventOf(), eventOf({ requestId: '9b8f7d52-7c1e-4a53-8a52-6f3f3a0f9e21' })];
    await sink.deliver(events);
    expect(analytics.received).toHaveLength(1);
    const [{ method, url, headers, body }] = analytics.received as [(typeof analytics.received)[0]];
    expect([method, url]).toEqual(['POST', '/graphql']);
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      authorization: 'Bearer token-1',
      'x-request-id': REQUEST_ID,
    });
    const { query, variables } = JSON.parse(body) as { query: string; variables: unknown };
    expect(parse(query).definitions).toMatchObject([{ operation: 'mutation' }]);
    expect(variables).toEqual({ events });
  });

  it('signs a token for each delivery', async () => {
    await sink.deliver([eventOf()]);
    await sink.deliver([eventOf()]);
    expect(analytics.received.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer token-1',
      'Bearer token-2',
    ]);
  });

  it('asks nothing when there is nothing to deliver', async () => {
    await sink.deliver([]);
    expect(analytics.received).toEqual([]);
  });

  it('takes events that were there already for delivered', async () => {
    analytics.answer = jsonAnswer({ data: { recordEvents: 0 } });
    await expect(sink.deliver([eventOf()])).resolves.toBeUndefined();
  });

  it.each([
    ['a GraphQL error', jsonAnswer({ errors: [{ message: 'no', extensions: { code: 'FORBIDDEN' } }], data: null })],
    ['a GraphQL error without data', jsonAnswer({ errors: [{ message: 'no' }] }, 400)],
    ['data of another shape', jsonAnswer({ data: { recordEvents: null } })],
    ['JSON that is no object', jsonAnswer(null)],
    ['a status that is no success, whatever the body', jsonAnswer({ data: { recordEvents: 1 } }, 502)],
    ['a page of a proxy', { status: 500, contentType: 'text/html', body: '<h1>Internal Server Error</h1>' }],
    ['a page with status 200', { status: 200, contentType: 'text/html', body: '<h1>Welcome</h1>' }],
    ['nothing', { status: 204, contentType: 'application/json', body: '' }],
    ['the end of the connection', null],
  ])('throws SERVICE_UNAVAILABLE when it is answered with %s', async (_name, answer) => {
    analytics.answer = answer;
    await expect(sink.deliver([eventOf()])).rejects.toMatchObject(UNAVAILABLE);
  });

  it.each([
    [
      'BAD_USER_INPUT',
      'that one of them has a fault',
      jsonAnswer({ errors: [{ message: 'no', extensions: { code: 'BAD_USER_INPUT' } }], data: null }),
    ],
    ['PAYLOAD_TOO_LARGE', 'that they are too many', jsonAnswer({ code: 'PAYLOAD_TOO_LARGE' }, 413)],
  ])('throws %s when it is told %s', async (code, _name, answer) => {
    analytics.answer = answer;
    await expect(sink.deliver([eventOf()])).rejects.toMatchObject({ code });
  });

  it('throws SERVICE_UNAVAILABLE when the connection is refused', async () => {
    await analytics.close();
    await expect(sink.deliver([eventOf()])).rejects.toMatchObject(UNAVAILABLE);
  });

  it('delivers again as soon as analytics is back to itself', async () => {
    analytics.answer = null;
    await expect(sink.deliver([eventOf()])).rejects.toMatchObject(UNAVAILABLE);
    analytics.answer = jsonAnswer({ data: { recordEvents: 1 } });
    await expect(sink.deliver([eventOf()])).resolves.toBeUndefined();
  });

  it('finds analytics below a path', async () => {
    const below = new AnalyticsSink(`${analytics.url}/internal/analytics`, () => 'token');
    await below.deliver([eventOf()]);
    await below.close();
    expect(analytics.received[0]?.url).toBe('/internal/analytics/graphql');
  });

  it('keeps a request from no one: its record stays in the outbox until analytics takes it', async () => {
    const store = new MemoryObjectStore();
    analytics.answer = jsonAnswer({ errors: [{ message: 'no' }] }, 500);
    const { history, relay } = openReplica({ store, events: sink });
    const { id } = await history.run(requestOf(), async () => producedOf());
    await relay.stop();
    expect(store.keys('outbox/')).toHaveLength(1);
    analytics.answer = jsonAnswer({ data: { recordEvents: 1 } });
    await openReplica({ store, events: sink }).relay.sweep();
    expect(store.keys('outbox/')).toEqual([]);
    expect(analytics.received.at(-1)?.body).toContain(eventIdOf(id));
  });
});
