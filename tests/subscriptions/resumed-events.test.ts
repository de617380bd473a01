import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { buildSchema } from 'graphql';
import { ResumableOperation } from '../../supergraph/subscriptions/resumable-operation.js';
import { resumedEvents } from '../../supergraph/subscriptions/resumed-events.js';
import { SubgraphLost, SubgraphStream } from '../../supergraph/subscriptions/subgraph-stream.js';
import { contextWith } from './federation-under-test.js';

/** What a WebSocket server proves itself by (RFC 6455 §1.3). */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const SCHEMA = buildSchema(`
  type Query { ping: String }
  type Subscription { count(after: Int! = 0): Count! }
  type Count { n: Int! end: String }`);
const QUERY = 'subscription { count { n } }';

describe('resumedEvents', () => {
  let server: Server;
  let stream: SubgraphStream;
  const sockets: Socket[] = [];
  beforeEach(async () => {
    server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    stream = new SubgraphStream('counts', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
  afterEach(async () => {
    await stream.close();
    for (const socket of sockets.splice(0)) socket.destroy();
    server.close();
  });

  const events = (withinMs: number) => {
    const operation = ResumableOperation.of(QUERY, SCHEMA, {
      count: { by: 'count', arguments: { after: 'n' }, lastHas: 'end' },
    });
    const context = contextWith(new AbortController().signal);
    const subscription = { query: QUERY, operationName: undefined, variables: {} };
    return resumedEvents(stream, subscription, { operation: operation!, context, withinMs });
  };

  it('does not try for ever at a subgraph that accepts a connection and then is silent, also when it is closed', async () => {
    let connections = 0;
    server.on('upgrade', ({ headers }, socket: Socket) => {
      connections += 1;
      sockets.push(socket);
      const proof = createHash('sha1').update(`${headers['sec-websocket-key']}${GUID}`).digest('base64');
      const head = ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Protocol: graphql-transport-ws'];
      socket.write(
        ['HTTP/1.1 101 Switching Protocols', ...head, `Sec-WebSocket-Accept: ${proof}`, '', ''].join('\r\n'),
      );
      socket.resume();
    });
    await expect(events(1).next()).rejects.toBeInstanceOf(SubgraphLost);
    expect(connections).toBe(1);
  });
});
