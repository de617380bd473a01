import { afterEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { buildSchema } from 'graphql';
import { createLogger } from '#shared/logging/logger.js';
import { MemoryRateLimiter } from '#shared/rate-limit/memory-rate-limiter.js';
import { createHttpServer } from '#shared/server/http-server.js';
import { OperationBudget } from '../../supergraph/edge/operation-budget.js';
import { createEdgeContext } from '../../supergraph/edge/open-edge.js';
import { parsedOperation } from '../../supergraph/rest/parsed-operation.js';
import { openStreamDoor } from '../../supergraph/sse/open-stream-door.js';
import type { ServerEvent } from '../../supergraph/sse/server-event.js';
import type { SubscribeOperation } from '../../supergraph/subscriptions/subscribe-operation.js';
import { eventOf, Feed } from '../edge/websocket-door.js';
import { SseReply } from './sse-client.js';

const VIEWER = {
  kind: 'user',
  id: randomUUID(),
  email: 'ana@example.com',
  role: 'user',
  sessionId: 'session',
  promptStorage: 'plain',
} as const;

/** Events of 10 kB that fit into what the system and both ends keep of a connection, by far. */
const MOST_TAKEN = 3_000;

interface Door {
  readonly url: string;
  readonly log: readonly string[];
  close(): Promise<void>;
}

let stop: (() => Promise<void>) | undefined;
afterEach(() => stop?.());

/** The door alone: every request is answered with what `execute` streams. */
async function openDoor(execute: SubscribeOperation, keepAliveMs = 60_000): Promise<Door> {
  const lines: string[] = [];
  const log = createLogger({ level: 'debug', service: 'door' }, { write: (line) => void lines.push(line) });
  const server = createHttpServer({ log, maxBodyBytes: 1024, requestTimeoutMs: 1_000, connectionsCheckMs: 100 });
  const verify = () => VIEWER;
  const door = openStreamDoor({
    config: { REVOCATION_LAG: 60_000, WS_SOCKETS_PER_USER: 2 },
    schema: buildSchema('type Query { count: Int! }'),
    budget: new OperationBudget(new MemoryRateLimiter(), { perMinute: 1_000, signInPerMinute: 20 }),
    verify,
    execute,
    keepAliveMs,
  });
  const contextOf = createEdgeContext(verify);
  const operation = parsedOperation('subscription { count }', {});
  const toEvent = (data: unknown): ServerEvent => {
    const { count, ...more } = data as { count: number };
    return { event: count < 0 ? 'message' : 'delta', id: String(count), data: { count, ...more } };
  };
  server.get('/', (asked, reply) =>
    door.serve({ operation, eventOf: toEvent, joins: true }, contextOf(asked, reply), reply),
  );
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  stop = async () => {
    stop = undefined;
    await door.close();
    await server.close();
  };
  return { url, log: lines, close: () => door.close() };
}

const open = (url: string): Promise<SseReply> => SseReply.open(url, 'GET /', { token: 'token' });

describe('the door of event streams', () => {
  it('shows that the line is in use while there is nothing to say, from the start', async () => {
    const feed = new Feed();
    const { url } = await openDoor(() => feed, 20);
    const reply = await open(url);
    expect(reply.status).toBe(200);
    expect(await reply.block()).toBe(': keep-alive');
    expect(await reply.block()).toBe(': keep-alive');
    feed.give(eventOf({ count: 1 }));
    expect((await reply.next()).data).toEqual({ count: 1 });
    feed.give(eventOf({ count: -1 }));
    expect((await reply.rest()).map(({ event }) => event)).toEqual(['message']);
    await feed.left;
  });

  it('outlasts the time that a request may take to arrive', async () => {
    const feed = new Feed();
    const { url } = await openDoor(() => feed, 100);
    const reply = await open(url);
    // More signs of life than fit into that time.
    for (let seen = 0; seen < 15; seen += 1) expect(await reply.block()).toBe(': keep-alive');
    feed.give(eventOf({ count: -1 }));
    expect(await reply.rest()).toHaveLength(1);
  });

  it('takes no more from its source than a reader who does not read lets through', async () => {
    let taken = 0;
    const filler = 'x'.repeat(10_000);
    const left = Promise.withResolvers<void>();
    const { url } = await openDoor(async function* () {
      try {
        for (;;) yield { data: { count: (taken += 1), filler } };
      } finally {
        left.resolve();
      }
    });
    const asked = request(url, { headers: { authorization: 'Bearer token' } }).end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    response.pause();
    // Until nothing moves any more: turns of a probe that is answered at once are the clock.
    let before = -1;
    while (taken !== before) {
      before = taken;
      for (let probe = 0; probe < 20; probe += 1) await fetch(`${url}/nowhere`);
    }
    expect(taken).toBeLessThan(MOST_TAKEN);
    response.destroy();
    await left.promise;
  });

  it('tells readers when the service goes away, and lets them go', async () => {
    const feed = new Feed();
    const { url, close } = await openDoor(() => feed);
    const opening = open(url);
    feed.give(eventOf({ count: 1 }));
    const reply = await opening;
    expect((await reply.next()).id).toBe('1');
    const closing = close();
    expect(await reply.rest()).toMatchObject([
      { event: 'error', id: undefined, data: { code: 'SERVICE_UNAVAILABLE' } },
    ]);
    await closing;
    await feed.left;
  });

  it('says nothing of what broke inside, before the start or after it', async () => {
    const feeds = [new Feed(), new Feed()];
    const waiting = [...feeds];
    const { url, log } = await openDoor(() => waiting.shift() ?? new Feed());
    feeds[0]?.give(new Error('secret 1'));
    const refused = await open(url);
    expect(refused.status).toBe(500);
    feeds[1]?.give(eventOf({ count: 1 }));
    feeds[1]?.give(new Error('secret 2'));
    const events = await (await open(url)).rest();
    expect(events.map(({ event }) => event)).toEqual(['delta', 'error']);
    expect(events[1]?.data).toMatchObject({ code: 'INTERNAL_SERVER_ERROR', status: 500 });
    expect(JSON.stringify([await refused.problem(), events])).not.toContain('secret');
    expect(log.join('')).toContain('secret 2');
  });
});
