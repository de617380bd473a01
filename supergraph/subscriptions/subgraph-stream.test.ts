import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { createLogger } from '#shared/logging/logger.js';
import { SubgraphLost, SubgraphStream } from './subgraph-stream.js';

describe('SubgraphStream', () => {
  let server: WebSocketServer;
  let stream: SubgraphStream;
  /** What the subgraph does with a subscription. */
  let answer: (socket: WebSocket, id: string) => void;
  let subscribed = 0;
  beforeEach(async () => {
    subscribed = 0;
    server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'graphql-transport-ws' });
    server.on('connection', (socket) => {
      socket.on('message', (data) => {
        const message = JSON.parse((data as Buffer).toString()) as { type: string; id: string };
        if (message.type === 'connection_init') socket.send('{"type":"connection_ack"}');
        if (message.type !== 'subscribe') return;
        subscribed += 1;
        answer(socket, message.id);
      });
    });
    await once(server, 'listening');
    stream = openStream();
  });
  afterEach(async () => {
    await stream.close();
    for (const socket of server.clients) socket.terminate();
    server.close();
  });

  const openStream = (keepAliveMs?: number) =>
    new SubgraphStream('chat', `http://127.0.0.1:${(server.address() as AddressInfo).port}`, keepAliveMs);

  const read = async (): Promise<unknown[]> => {
    const events: unknown[] = [];
    const subscription = { query: 'subscription { chat { id } }', operationName: undefined, variables: {} };
    const context = {
      viewer: null,
      accessToken: 'good',
      requestId: 'r1',
      clientIp: '127.0.0.1',
      userAgent: null,
      log: createLogger({ level: 'silent', service: 'test' }),
      setReplyHeader: () => undefined,
      signal: new AbortController().signal,
    };
    for await (const event of stream.subscribe(subscription, context)) events.push(event);
    return events;
  };

  it.each([1000, 1001, 1006, 1012, 4400, 4500])(
    'is lost, and sends nothing again by itself, when its subgraph closes the connection: %s',
    async (code) => {
      answer = (socket) => (code === 1006 ? socket.terminate() : socket.close(code));
      await expect(read()).rejects.toBeInstanceOf(SubgraphLost);
      expect(subscribed).toBe(1);
    },
  );

  it('is lost when its subgraph does not answer a ping any more', async () => {
    stream = openStream(50);
    answer = () => undefined;
    await expect(read()).rejects.toBeInstanceOf(SubgraphLost);
  });

  it('takes the next connection for the next subscription', async () => {
    answer = (socket) => socket.close(1000);
    await expect(read()).rejects.toBeInstanceOf(SubgraphLost);
    answer = (socket, id) => {
      socket.send(JSON.stringify({ type: 'next', id, payload: { data: { chat: { id: 'a' } } } }));
      socket.send(JSON.stringify({ type: 'complete', id }));
    };
    expect(await read()).toEqual([{ data: { chat: { id: 'a' } } }]);
  });
});
