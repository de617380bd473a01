import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fastify, { type FastifyInstance } from 'fastify';
import { buildSchema } from 'graphql';
import { createLogger } from '#shared/logging/logger.js';
import { serveSubscriptions } from '#shared/server/subgraph-subscriptions.js';
import { RawClient } from '../edge/websocket-client.js';

describe('the door of a subgraph for subscriptions', () => {
  let server: FastifyInstance;
  let url: string;
  let close: () => Promise<void>;
  let isClosed = false;
  const signals: AbortSignal[] = [];
  const lines: string[] = [];
  beforeEach(async () => {
    signals.length = 0;
    isClosed = false;
    lines.length = 0;
    server = fastify();
    close = serveSubscriptions(server, {
      schema: buildSchema('type Query { ok: Boolean } type Subscription { ticks: Int }'),
      contextOf: (_headers, signal) => ({ number: signals.push(signal) }),
      log: createLogger({ level: 'debug', service: 'test' }, { write: (line) => void lines.push(line) }),
    });
    url = await server.listen({ host: '127.0.0.1', port: 0 });
  });
  afterEach(async () => {
    if (!isClosed) await close();
    await server.close();
    jest.restoreAllMocks();
  });

  const connected = async (): Promise<RawClient> => {
    const client = await RawClient.open(url);
    client.send({ type: 'connection_init' });
    expect(await client.next()).toEqual({ type: 'connection_ack' });
    return client;
  };

  it.each([
    ['is not valid', 'subscription { tocks }'],
    ['cannot be parsed', 'subscription {'],
    ['is no subscription', '{ ok }'],
  ])('keeps nothing of a document that %s', async (_case, query) => {
    const client = await connected();
    client.subscribe(query);
    await client.refusal();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    await client.close();
  });

  it('reports a connection that fails in the log alone', async () => {
    const printed = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    const client = await connected();
    // Text that is no UTF-8 (RFC 6455 §8.1).
    client.socket.send(Buffer.from([0xff]), { binary: false });
    expect((await client.closed).code).toBe(1007);
    expect(lines.filter((line) => line.includes('connection failed'))).toHaveLength(1);
    expect(printed).not.toHaveBeenCalled();
  });

  it('reports a message that cannot be dealt with in the log alone', async () => {
    const printed = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    const client = await connected();
    client.send({ type: 'connection_ack' });
    expect((await client.closed).code).toBe(4500);
    expect(lines.filter((line) => line.includes('message failed'))).toHaveLength(1);
    expect(printed).not.toHaveBeenCalled();
  });

  it('lets go of its connections when it closes', async () => {
    const client = await connected();
    const gone = once(client.socket, 'close');
    await close();
    isClosed = true;
    expect((await gone)[0]).toBe(1001);
  });
});
