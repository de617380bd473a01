import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { newIdentity } from '#shared/history/keys.js';
import { authClient, sessionIdOf, type NewAccount } from '../support/auth-client.js';
import { SUBGRAPH_NAMES } from '../../infra/subgraph-names.js';
import { startEdgeSystem, type EdgeSystem } from '../support/edge-system.js';
import { eventually } from '../support/eventually.js';
import { graphqlData, sendGraphql } from '../support/graphql-client.js';
import { restClient, type RestClient } from '../support/rest-client.js';
import { setRole } from '../support/set-role.js';

let system: EdgeSystem;
let send: RestClient;
let ana: NewAccount;
let bob: NewAccount;
/** What Ana has, by what it is. */
let anas: { image: string; summary: string; chatRecord: string; session: string; event: string };

beforeAll(async () => {
  system = await startEdgeSystem({ REVOCATION_LAG: '1s' });
  send = restClient(system.url);
  const client = authClient(system.url);
  [ana, bob] = [await client.register(), await client.register()];
  const made = await graphqlData<Record<'image' | 'summary' | 'turn', { id: string; event: { id: string } | null }>>(
    system.url,
    {
      query: `mutation {
        image: generateImage(input: { prompt: "the secret of Ana", size: "64x64" }) { id event { id } }
        summary: summarize(input: { text: "The secret of Ana. It is a secret.", length: short }) { id event { id } }
        turn: sendChatMessage(input: { sessionId: "demo", messages: [{ role: user, content: "the secret of Ana" }] }) { id event { id } }
      }`,
      token: ana.accessToken,
    },
  );
  const { chatSessions } = await graphqlData<{ chatSessions: { edges: { node: { id: string } }[] } }>(system.url, {
    query: '{ chatSessions { edges { node { id } } } }',
    token: ana.accessToken,
  });
  const [image, summary, chatRecord] = [made.image.id, made.summary.id, made.turn.id];
  const event = await eventOf(image);
  anas = { image, summary, chatRecord, session: chatSessions.edges[0]!.node.id, event };
});
afterAll(() => system?.stop());

/** The event of an image of Ana's, once it has arrived. */
async function eventOf(image: string): Promise<string> {
  const sent = { query: `{ image(id: "${image}") { event { id } } }`, token: ana.accessToken };
  let found: string | undefined;
  await eventually('the event has arrived', async () => {
    const { data } = await sendGraphql(system.url, sent);
    found = (data as { image: { event: { id: string } | null } }).image.event?.id;
    return found !== undefined;
  });
  return found!;
}

const unknown = (): string => newIdentity(new Date()).id;
/** A reply without what differs from request to request, or repeats what was asked for. */
const told = ({ status, text }: { status: number; text: string }, asked: string) => ({
  status,
  text: text.replace(/"requestId":"[^"]+"/, '').replaceAll(asked, 'ID'),
});

describe('somebody else’s thing looks like one that does not exist', () => {
  it.each<[route: string, id: () => string]>([
    ['GET /image/ID', () => anas.image],
    ['GET /summarize/ID', () => anas.summary],
    ['GET /chat/session/ID', () => anas.session],
    ['GET /chat/session/ID', () => 'demo'],
    ['GET /analytics/user/ID/overview', () => ana.id],
    ['GET /analytics/user/ID/timeseries', () => ana.id],
    ['GET /analytics/user/ID/perf', () => ana.id],
    ['GET /analytics/user/ID/costs', () => ana.id],
  ])('by REST: %s', async (route, id) => {
    const ask = async (of: string) => told(await send(route.replace('ID', of), { token: bob.accessToken }), of);
    const [theirs, nobodys] = [await ask(id()), await ask(route.includes('user') ? randomUUID() : unknown())];
    expect(theirs).toEqual(nobodys);
    expect(theirs.status).toBe(404);
    expect(theirs.text).toContain('NOT_FOUND');
  });

  const FIELDS: [field: string, id: () => string][] = [
    ['image(id: "ID") { id prompt imageUrl recordUrl event { id } }', () => anas.image],
    ['summary(id: "ID") { id prompt text recordUrl }', () => anas.summary],
    ['chatRecord(id: "ID") { id prompt assistantMessage { content } }', () => anas.chatRecord],
    ['chatSession(sessionId: "ID") { id title messages { content } owner { email } }', () => anas.session],
    ['usage(userId: "ID") { overview { totalRequests } }', () => ana.id],
  ];

  it.each(FIELDS)('by GraphQL: %s', async (field, id) => {
    const ask = async (of: string) =>
      told(await sendGraphql(system.url, { query: `{ ${field.replace('ID', of)} }`, token: bob.accessToken }), of);
    const [theirs, nobodys] = [await ask(id()), await ask(field.startsWith('usage') ? randomUUID() : unknown())];
    expect(theirs).toEqual(nobodys);
    expect(theirs.text).toContain('NOT_FOUND');
    expect(theirs.text).not.toContain('secret');
  });

  it('by aliases of one request, beside what is one’s own', async () => {
    const own = await graphqlData<{ generateImage: { id: string } }>(system.url, {
      query: 'mutation { generateImage(input: { prompt: "of Bob", size: "64x64" }) { id } }',
      token: bob.accessToken,
    });
    const ask = (...ids: string[]) => {
      const query = `{ ${ids.map((id, index) => `i${index}: image(id: "${id}") { prompt }`).join(' ')} me { email } }`;
      return sendGraphql(system.url, { query, token: bob.accessToken });
    };
    expect((await ask(own.generateImage.id)).data).toEqual({ i0: { prompt: 'of Bob' }, me: { email: bob.email } });
    for (const theirs of [anas.image, unknown()]) {
      const { data, errors, text } = await ask(own.generateImage.id, theirs, theirs);
      expect({ data, text }).toMatchObject({ data: null, text: expect.not.stringContaining('secret') });
      for (const error of errors) {
        expect(error).toMatchObject({ message: 'No such image.', extensions: { code: 'NOT_FOUND', retryable: false } });
      }
    }
  });

  it('by a session that is not one’s own to end', async () => {
    const end = (id: string) =>
      sendGraphql(system.url, {
        query: 'mutation ($id: ID!) { revokeSession(id: $id) }',
        variables: { id },
        token: bob.accessToken,
      });
    const replies = [await end(sessionIdOf(ana.accessToken)), await end(randomUUID()), await end('x')];
    for (const reply of replies) expect(reply.text).toBe(replies[0]!.text);
    expect(replies[0]!.errors[0]?.extensions.code).toBe('NOT_FOUND');
    expect((await authClient(system.url).me(ana.accessToken)).errors).toEqual([]);
  });
});

describe('a subgraph, asked directly for entities', () => {
  const ENTITIES: [subgraph: string, type: string, fields: string, id: () => string][] = [
    ['auth', 'User', 'email role createdAt', () => ana.id],
    ['auth', 'User', 'sessions { id ip }', () => ana.id],
    ['analytics', 'User', 'usage { overview { totalRequests } }', () => ana.id],
    ['analytics', 'Event', 'id service latencyMs', () => anas.event],
    ['image', 'User', 'images { edges { node { prompt } } }', () => ana.id],
    ['image', 'ImageRecord', 'prompt imageUrl', () => anas.image],
    ['summarize', 'User', 'summaries { edges { node { prompt } } }', () => ana.id],
    ['summarize', 'SummaryRecord', 'prompt text', () => anas.summary],
    ['chat', 'User', 'chatSessions { edges { node { title } } }', () => ana.id],
    ['chat', 'ChatRecord', 'prompt assistantMessage { content }', () => anas.chatRecord],
  ];
  const ask = (subgraph: string, type: string, fields: string, id: string, token?: string) =>
    sendGraphql(system.urlOf(subgraph), {
      query: `query ($of: [_Any!]!) { _entities(representations: $of) { ... on ${type} { ${fields} } } }`,
      variables: { of: [{ __typename: type, id }] },
      token,
    });

  it.each(ENTITIES)('%s, %s: %s', async (subgraph, type, fields, id) => {
    const nobodys = type === 'User' ? randomUUID() : unknown();
    for (const token of [bob.accessToken, undefined]) {
      const [theirs, missing] = await Promise.all([id(), nobodys].map((of) => ask(subgraph, type, fields, of, token)));
      expect(theirs!.text).toBe(missing!.text);
      expect(theirs!.data).toEqual({ _entities: [null] });
    }
    const own = await ask(subgraph, type, fields, id(), ana.accessToken);
    expect(own).toMatchObject({ errors: [], data: { _entities: [expect.any(Object)] } });
  });

  it.each(SUBGRAPH_NAMES)('%s takes nobody’s word for who is calling', async (subgraph) => {
    const query = '{ __typename }';
    const claims = [
      { headers: { 'x-user-id': ana.id } },
      { headers: { 'x-user-id': ana.id }, token: bob.accessToken },
      { headers: { 'x-user-id': '' }, token: bob.accessToken },
    ];
    for (const claim of claims) {
      const { status, errors } = await sendGraphql(system.urlOf(subgraph), { query, ...claim });
      expect({ status, code: errors[0]?.extensions.code }).toEqual({ status: 401, code: 'UNAUTHENTICATED' });
    }
  });

  it('lets nobody but services deliver events', async () => {
    const query = 'mutation { recordEvents(events: []) }';
    for (const token of [ana.accessToken, undefined]) {
      const { errors } = await sendGraphql(system.urlOf('analytics'), { query, token });
      expect(errors[0]?.extensions.code).toBe('FORBIDDEN');
    }
  });
});

describe('a forged X-User-Id at the public door', () => {
  it('is not looked at: without a token nobody is signed in, with one it is the token’s user', async () => {
    const headers = { 'x-user-id': ana.id };
    expect((await send('GET /users/me', { headers })).status).toBe(401);
    expect((await send('GET /users/me', { headers, token: bob.accessToken })).body).toMatchObject({ id: bob.id });
    const image = await send(`GET /image/${anas.image}`, { headers, token: bob.accessToken });
    expect(image.status).toBe(404);
  });
});

describe('an admin', () => {
  it('sees other users’ usage and records, from the next sign-in or refresh on, and only as long as it is one', async () => {
    const client = authClient(system.url);
    const eve = await client.register();
    const sees = async (token: string): Promise<number[]> =>
      Promise.all(
        [`GET /image/${anas.image}`, `GET /summarize/${anas.summary}`, `GET /analytics/user/${ana.id}/overview`].map(
          async (route) => (await send(route, { token })).status,
        ),
      );
    expect(await sees(eve.accessToken)).toEqual([404, 404, 404]);

    await setRole(system.platform.engines.databaseUrl, eve.email, 'admin');
    await eventually('the token with the old role is refused everywhere', () => isRefusedEverywhere(eve.accessToken));
    const asAdmin = await nextRole(eve.refreshToken, 'admin');
    expect(await sees(asAdmin.accessToken)).toEqual([200, 200, 200]);

    await setRole(system.platform.engines.databaseUrl, eve.email, 'user');
    await eventually('the admin’s token is refused everywhere', () => isRefusedEverywhere(asAdmin.accessToken));
    const asUser = await nextRole(asAdmin.refreshToken, 'user');
    expect(await sees(asUser.accessToken)).toEqual([404, 404, 404]);
  });

  async function isRefusedEverywhere(token: string): Promise<boolean> {
    const doors = [system.url, ...SUBGRAPH_NAMES.map((name) => system.urlOf(name))];
    const replies = await Promise.all(doors.map((url) => sendGraphql(url, { query: '{ __typename }', token })));
    return replies.every(({ errors }) => errors[0]?.extensions.code === 'UNAUTHENTICATED');
  }

  /** Refreshes once: the token holds, although it may be of the very second of the change. */
  async function nextRole(refreshToken: string, role: string) {
    const client = authClient(system.url);
    const tokens = await client.rotate(refreshToken);
    expect((await client.me(tokens.accessToken)).data).toMatchObject({ me: { role } });
    return tokens;
  }
});
