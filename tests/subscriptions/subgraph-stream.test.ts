import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { ReadTooSlowly, SubgraphLost, SubgraphStream } from '../../supergraph/subscriptions/subgraph-stream.js';
import { contextWith } from './federation-under-test.js';

/** More events than may wait for a reader. */
const MANY = 3_000;

describe('SubgraphStream', () => {
  let server: WebSocketServer;
  let stream: SubgraphStream;
  /** What the subgraph does with a subscription. */
  let answer: (socket: WebSocket, id: string) => void;
  let subscribed = 0;
  /** The ids of the subscriptions that were left. */
  let left: string[];
  beforeEach(async () => {
    subscribed = 0;
    left = [];
    server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'graphql-transport-ws' });
    server.on('connection', (socket) => {
      socket.on('message', (data) => {
        const message = JSON.parse((data as Buffer).toString()) as { type: string; id: string };
        if (message.type === 'connection_init') socket.send('{"type":"connection_ack"}');
        if (message.type === 'complete') left.push(message.id);
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

  const subscribe = (): AsyncGenerator<unknown, void> => {
    const subscription = { query: 'subscription { chat { id } }', operationName: undefined, variables: {} };
    const context = contextWith(new AbortController().signal);
    return stream.subscribe(subscription, context);
  };

  const read = async (): Promise<unknown[]> => {
    const events: unknown[] = [];
    for await (const event of subscribe()) events.push(event);
    return events;
  };

  const eventOf = (n: number): object => ({ data: { chat: { n } } });
  const sendEvent = (socket: WebSocket, id: string, n: number): void =>
    socket.send(JSON.stringify({ type: 'next', id, payload: eventOf(n) }));
  /** One event, then the end. */
  const answerOnce = (socket: WebSocket, id: string): void => {
    sendEvent(socket, id, 1);
    socket.send(JSON.stringify({ type: 'complete', id }));
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
    answer = answerOnce;
    expect(await read()).toEqual([eventOf(1)]);
  });

  it('is left after its last subscription, also when an earlier one was lost', async () => {
    answer = (socket) => socket.terminate();
    await expect(read()).rejects.toBeInstanceOf(SubgraphLost);
    const closed = once(server, 'connection').then(([socket]) => once(socket as WebSocket, 'close'));
    answer = answerOnce;
    await read();
    await closed;
  });

  it('has a reader, for its subgraph, until one who is too slow has read what waits', async () => {
    answer = (socket, id) => {
      for (let n = 1; n <= MANY; n += 1) sendEvent(socket, id, n);
    };
    const slow = subscribe();
    expect((await slow.next()).value).toEqual(eventOf(1));
    answer = answerOnce;
    // What the subgraph said before has come by the end of the one, and what it was told since by that of the other.
    for (let other = 0; other < 2; other += 1) await read();
    expect(left).toEqual([]);
    const rest = async (): Promise<void> => {
      let seen = 1;
      for await (const event of slow) expect(event).toEqual(eventOf((seen += 1)));
    };
    await expect(rest()).rejects.toBeInstanceOf(ReadTooSlowly);
    await read();
    expect(left).toHaveLength(1);
  });
});
