import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { GraphQLDataSourceProcessOptions } from '@apollo/gateway';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { EdgeContext } from '../edge/edge-context.js';
import { SubgraphDataSource } from './subgraph-data-source.js';

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly response: ServerResponse;
}

const DATA = '{"data":{"me":{"id":"1"}}}';

let subgraph: Server;
let source: SubgraphDataSource;
let received: Received[];
/** What the subgraph does with a request; by default it answers. */
let onRequest: (request: Received) => void;

const json = (response: ServerResponse, body: string, status = 200): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(body);

async function open(timeoutMs = 60_000): Promise<void> {
  const { port } = subgraph.address() as AddressInfo;
  source = new SubgraphDataSource({ name: 'auth', url: `http://127.0.0.1:${port}`, timeoutMs });
}

function ask(context: Partial<EdgeContext>, query = 'query A__auth__0{me{id}}', operationName = 'A__auth__0') {
  const options = { request: { query, operationName, variables: {} }, context };
  return source.process(options as unknown as GraphQLDataSourceProcessOptions<Partial<EdgeContext>>);
}

beforeEach(async () => {
  received = [];
  onRequest = ({ response }) => json(response, DATA);
  subgraph = createServer(async (request, response) => {
    const arrived = { headers: request.headers, body: await text(request), response };
    received.push(arrived);
    onRequest(arrived);
  });
  await once(subgraph.listen(0, '127.0.0.1'), 'listening');
  await open();
});

afterEach(async () => {
  await source.close();
  subgraph.closeAllConnections();
  await new Promise((resolve) => subgraph.close(resolve));
});

describe('a fetch', () => {
  it('carries who asks and the request id, and nothing else of the client', async () => {
    const user = { id: 'u1', email: 'a@example.com', role: 'user', sessionId: 's1', promptStorage: 'plain' } as const;
    const viewer = { kind: 'user', ...user } as const;
    expect(await ask({ viewer, accessToken: 'token', requestId: 'r1', clientIp: '192.0.2.1' })).toEqual({
      data: { me: { id: '1' } },
    });
    const { host: _host, connection: _connection, 'content-length': _length, ...headers } = received[0]!.headers;
    expect(headers).toEqual({
      accept: 'application/json',
      'content-type': 'application/json',
      authorization: 'Bearer token',
      'x-user-id': 'u1',
      'x-request-id': 'r1',
      'x-forwarded-for': '192.0.2.1',
    });
  });

  it('fails when there is no reply in time', async () => {
    await source.close();
    await open(50);
    onRequest = () => undefined;
    await expect(ask({})).rejects.toMatchObject({ code: 'UPSTREAM_TIMEOUT' });
  });

  it('fails in time when a reply begins and never ends', async () => {
    await source.close();
    await open(50);
    onRequest = ({ response }) => void response.writeHead(200, { 'content-type': 'application/json' }).write('{');
    await expect(ask({})).rejects.toMatchObject({ code: 'UPSTREAM_TIMEOUT' });
  });

  it('is given up when the client leaves, and is not sent when it had left before', async () => {
    const client = new AbortController();
    const gone = new Promise((resolve) => {
      onRequest = ({ response }) => {
        response.once('close', resolve);
        client.abort(new Error('the client left'));
      };
    });
    await expect(ask({ signal: client.signal })).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    await gone;
    await expect(ask({ signal: client.signal })).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(received).toHaveLength(1);
  });

  it.each<[what: string, answer: (response: ServerResponse) => void]>([
    ['is HTML', (response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<p>')],
    ['is not valid JSON', (response) => json(response, '{')],
    ['is no GraphQL reply', (response) => json(response, '{"status":500}', 500)],
    [
      'is cut off',
      (response) => void response.writeHead(200, { 'content-length': '9' }).write('{', () => response.destroy()),
    ],
    ['is larger than 16 MiB', (response) => json(response, `{"data":{"me":"${'x'.repeat(17 * 1024 * 1024)}"}}`)],
  ])('fails when the reply %s, without naming the address', async (_what, answer) => {
    onRequest = ({ response }) => answer(response);
    await expect(ask({})).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      message: 'The "auth" service is not available.',
    });
  });

  it('passes on the errors of a reply, whatever its status', async () => {
    onRequest = ({ response }) => json(response, '{"errors":[{"message":"no"}]}', 401);
    expect(await ask({})).toEqual({ errors: [{ message: 'no' }] });
  });
});

describe('equal fetches at the same time', () => {
  const B = ['query B__auth__7{me{id}}', 'B__auth__7'] as const;
  /** Answers all only once `count` have arrived, so that they are surely under way together. */
  const answerTogether = (count: number): void => {
    onRequest = () => {
      if (received.length === count) for (const { response } of received) json(response, DATA);
    };
  };

  it('of one client request are sent once, and each gets a reply of its own', async () => {
    const context = {};
    const [first, second] = await Promise.all([ask(context), ask(context, ...B)]);
    expect(received).toHaveLength(1);
    expect(first).toEqual(second);
    expect(first.data).not.toBe(second.data);
  });

  it('of two client requests are both sent, even by the same user', async () => {
    answerTogether(2);
    const token = { accessToken: 'token' };
    await Promise.all([ask({ ...token }), ask({ ...token })]);
    expect(received).toHaveLength(2);
  });

  it('that are mutations are both sent', async () => {
    answerTogether(2);
    const context = {};
    const logout = () => ask(context, 'mutation M{logout}', 'M');
    await Promise.all([logout(), logout()]);
    expect(received).toHaveLength(2);
  });

  it('that differ are both sent', async () => {
    answerTogether(2);
    const context = {};
    await Promise.all([ask(context), ask(context, 'query A__auth__0{me{email}}')]);
    expect(received).toHaveLength(2);
  });

  it('fail together, and the next is sent anew', async () => {
    const context = {};
    onRequest = ({ response }) => void response.destroy();
    const failed = await Promise.allSettled([ask(context), ask(context, ...B)]);
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    onRequest = ({ response }) => json(response, DATA);
    expect(await ask(context)).toHaveProperty('data');
    expect(received).toHaveLength(2);
  });
});
