import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient, type Client } from 'graphql-ws';
import { WebSocket } from 'ws';
import { restClient, signUp, type Account, type RestClient } from '../support/rest-client.js';
import { startSystem, type System } from '../support/system.js';
import { graphqlUrl, RawClient, refusedUpgrade, type Closed } from './websocket-client.js';

const APP = 'https://app.example.com';
const MAX_BODY_BYTES = 64 * 1024;

let system: System;
let send: RestClient;
let ana: Account;

beforeAll(async () => {
  system = await startSystem({
    CORS_ORIGIN: APP,
    MAX_BODY_BYTES: String(MAX_BODY_BYTES),
    REVOCATION_LAG: '1s',
    WS_INIT_TIMEOUT: '3s',
    WS_SOCKETS_PER_USER: '3',
  });
  send = restClient(system.url);
  ana = await signUp(send, 'ana@example.com');
});
afterAll(() => system?.stop());

/** The closing of a socket on which this was said. */
async function closedAfter(talk: (client: RawClient) => void, open = RawClient.open(system.url)): Promise<Closed> {
  const client = await open;
  talk(client);
  return client.closed;
}

describe('a request to upgrade', () => {
  it('is granted to a listed origin, to our own pages, and to what is not a browser', async () => {
    for (const options of [{ origin: APP }, { origin: system.url }, {}]) {
      const client = await RawClient.signedIn(system.url, ana.token, options);
      await client.close();
    }
  });

  it.each(['https://evil.example.com', `${APP}.evil.example.com`, 'null', 'http://127.0.0.1:1'])(
    'is refused to a page of %s, and the connection closed',
    async (origin) => {
      const { status, headers, body } = await refusedUpgrade(`${system.url}/graphql`, { headers: { origin } });
      expect(status).toBe(403);
      expect(headers).toMatchObject({ connection: 'close', 'content-type': expect.stringMatching('problem') });
      expect(JSON.parse(body)).toMatchObject({ code: 'FORBIDDEN', requestId: headers['x-request-id'] });
    },
  );

  it('is answered as if it did not want to, at any other address', async () => {
    expect(await refusedUpgrade(`${system.url}/nowhere`)).toMatchObject({ status: 404 });
    expect(await refusedUpgrade(`${system.url}/users/me`)).toMatchObject({ status: 401 });
    expect(await refusedUpgrade(`${system.url}/healthz`)).toMatchObject({ status: 200 });
  });

  it('is answered as if it did not want to, for any other protocol', async () => {
    const reply = await refusedUpgrade(`${system.url}/graphql`, { protocol: 'h2c', json: { query: '{ __typename }' } });
    expect(JSON.parse(reply.body)).toEqual({ data: { __typename: 'Query' } });
  });
});

describe('a socket is closed', () => {
  it('4406 without the sub-protocol', async () => {
    const closed = await closedAfter(() => undefined, RawClient.open(system.url, { protocols: [] }));
    expect(closed).toEqual({ code: 4406, reason: 'Subprotocol not acceptable' });
  });

  it.each([
    ['no payload', undefined],
    ['no token', { authorization: '' }],
    ['another scheme', { authorization: 'Basic YTpi' }],
    ['a token that is not ours', { authorization: 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.' }],
    ['a token that is not text', { authorization: { bearer: 'x' } }],
    ['the id of a user', { 'X-User-Id': '6f1c1d0e-3a6b-4c58-9a55-0c5e0f7f3a11', userId: 'x' }],
  ])('4403 for a connection_init with %s', async (_case, payload) => {
    const closed = await closedAfter((client) => client.send({ type: 'connection_init', payload }));
    expect(closed).toEqual({ code: 4403, reason: 'Forbidden' });
  });

  it('4403 when the token is in a header only', async () => {
    const headers = { authorization: `Bearer ${ana.token}`, 'x-user-id': ana.id };
    const open = RawClient.open(system.url, { headers });
    const closed = await closedAfter((client) => client.send({ type: 'connection_init' }), open);
    expect(closed).toEqual({ code: 4403, reason: 'Forbidden' });
  });

  it('4401 when it subscribes before it has signed in', async () => {
    const closed = await closedAfter((client) => client.subscribe('subscription { chat }'));
    expect(closed).toEqual({ code: 4401, reason: 'Unauthorized' });
  });

  it.each([
    ['no JSON', '{'],
    ['an unknown type', '{"type":"start"}'],
    ['no object', '[]'],
    ['a subscribe without a query', '{"type":"subscribe","id":"1","payload":{}}'],
  ])('4400 for a message that is %s, which it does not repeat', async (_case, message) => {
    const open = RawClient.signedIn(system.url, ana.token);
    const closed = await closedAfter((client) => client.send(message), open);
    expect(closed).toEqual({ code: 4400, reason: 'Invalid message' });
  });

  it('4429 for a second connection_init', async () => {
    const open = RawClient.signedIn(system.url, ana.token);
    const closed = await closedAfter((client) => client.signIn(ana.token), open);
    expect(closed).toEqual({ code: 4429, reason: 'Too many initialisation requests' });
  });

  it('4408 when it does not sign in in time', async () => {
    const closed = await closedAfter(() => undefined);
    expect(closed).toEqual({ code: 4408, reason: 'Connection initialisation timeout' });
  });

  it('1009 for a message larger than a request body may be', async () => {
    const large = JSON.stringify({ type: 'ping', payload: { text: 'x'.repeat(MAX_BODY_BYTES) } });
    const open = RawClient.signedIn(system.url, ana.token);
    expect((await closedAfter((client) => client.send(large), open)).code).toBe(1009);
  });

  it('4429 beyond the number that one user may have, and another may come when one has gone', async () => {
    const owner = await signUp(send, 'many@example.com');
    const open = await Promise.all([1, 2, 3].map(() => RawClient.signedIn(system.url, owner.token)));
    const refused = await closedAfter((client) => client.signIn(owner.token));
    expect(refused).toEqual({ code: 4429, reason: 'Too many sockets of one user' });
    await open.pop()?.close();
    open.push(await RawClient.signedIn(system.url, owner.token));
    await Promise.all(open.map((client) => client.close()));
  });

  it('4403 once its session is signed out, while others stay', async () => {
    const owner = await signUp(send, 'leaver@example.com');
    const { body } = await send<{ accessToken: string }>('POST /auth/login', {
      json: { email: owner.email, password: 'secret123' },
    });
    const [ending, staying] = [
      await RawClient.signedIn(system.url, owner.token),
      await RawClient.signedIn(system.url, body.accessToken),
    ];
    const out = await send('POST /auth/logout', { token: owner.token });
    expect(out.status).toBeLessThan(300);
    expect(await ending.closed).toEqual({ code: 4403, reason: 'Session ended' });
    staying.send({ type: 'ping' });
    expect(await staying.next()).toEqual({ type: 'pong' });
    await staying.close();
  });
});

describe('an operation over a WebSocket', () => {
  let client: Client;
  beforeAll(() => {
    client = createClient({
      url: graphqlUrl(system.url),
      webSocketImpl: WebSocket,
      connectionParams: { Authorization: `Bearer ${ana.token}` },
      lazy: false,
      onNonLazyError: () => undefined,
      retryAttempts: 0,
    });
  });
  afterAll(() => client?.dispose());

  /** The errors with which the official client sees it refused. */
  async function refusal(query: string, more: { operationName?: string } = {}) {
    const events = client.iterate({ query, ...more });
    return events.next().then(
      (event) => ({ event }),
      (errors: unknown) => errors,
    );
  }
  const coded = (code: string, message: unknown = expect.any(String)) => [
    expect.objectContaining({ message, extensions: { code, retryable: false } }),
  ];

  it.each(['{ me { id } }', 'mutation { logout }'])('is refused, and HTTP named, for %s', async (query) => {
    const message = 'A WebSocket takes subscriptions only; send queries and mutations by HTTP.';
    expect(await refusal(query)).toEqual(coded('BAD_REQUEST', message));
  });

  it('is refused for a field that the schema does not have', async () => {
    expect(await refusal('subscription { ticks }')).toEqual([
      expect.objectContaining({
        message: 'Cannot query field "ticks" on type "Subscription".',
        extensions: { code: 'GRAPHQL_VALIDATION_FAILED', retryable: false },
      }),
    ]);
  });

  it.each([
    ['no GraphQL', 'subscription {', 'GRAPHQL_PARSE_FAILED'],
    ['too deep', `subscription ${'{ a '.repeat(20)}${'}'.repeat(20)}`, 'QUERY_TOO_COMPLEX'],
    ['too many tokens', `subscription { ${'a '.repeat(6_000)} }`, 'QUERY_TOO_COMPLEX'],
    [
      'of several operations and says not which',
      'subscription A { a } subscription B { b }',
      'OPERATION_RESOLUTION_FAILURE',
    ],
  ])('is refused when it is %s', async (_case, query, code) => {
    expect(await refusal(query)).toEqual(coded(code));
  });

  it('does not end the socket when it is refused', async () => {
    const raw = await RawClient.signedIn(system.url, ana.token);
    raw.subscribe('{ me { id } }', { id: 'a' });
    raw.subscribe('subscription { chat }', { id: 'b' });
    expect([(await raw.next()).id, (await raw.next()).id]).toEqual(['a', 'b']);
    await raw.close();
  });
});
