import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { authClient, outcomeOf, sessionIdOf, type AuthClient, type NewAccount } from '../support/auth-client.js';
import { startEdgeSystem, type EdgeSystem } from '../support/edge-system.js';
import { eventually } from '../support/eventually.js';
import { forgeToken } from '../support/forge-token.js';
import { sendGraphql } from '../support/graphql-client.js';
import { restClient, type RestClient } from '../support/rest-client.js';

let system: EdgeSystem;
let client: AuthClient;
let rest: RestClient;
beforeAll(async () => {
  system = await startEdgeSystem({ REVOCATION_LAG: '1s' });
  client = authClient(system.url);
  rest = restClient(system.url);
});
afterAll(() => system?.stop());

const expired = ({ id, accessToken }: NewAccount): string =>
  forgeToken(
    system.keys.current,
    { userId: id, sessionId: sessionIdOf(accessToken) },
    { claims: { exp: Math.floor(Date.now() / 1000) - 60 } },
  );

async function revoked(account: NewAccount): Promise<string> {
  const { accessToken } = await client.signIn(account);
  await client.logout(accessToken);
  await eventually('the token is refused at the public door', async () => {
    const { status } = await sendGraphql(system.url, { query: '{ __typename }', token: accessToken });
    return status === 401;
  });
  return accessToken;
}

/** What a client may still send along that attaches its token to every request. */
const TOKENS: [what: string, token: (account: NewAccount) => string | Promise<string>][] = [
  ['an expired token', expired],
  ['a revoked token', revoked],
  ['a token that never was one', () => 'never.a.token'],
  ['another scheme’s credentials', () => 'dXNlcjpwYXNz, Basic x'],
];

describe.each(TOKENS)('with %s in the Authorization header', (_what, tokenOf) => {
  it('POST /auth/login, /auth/refresh and /auth/register answer as without it', async () => {
    const ana = await client.register();
    const token = await tokenOf(ana);
    const { email, password, refreshToken } = ana;
    const login = await rest('POST /auth/login', { token, json: { email, password } });
    expect({ status: login.status, text: login.text }).toMatchObject({ status: 200 });
    const refresh = await rest('POST /auth/refresh', { token, json: { refreshToken } });
    expect({ status: refresh.status, text: refresh.text }).toMatchObject({ status: 200 });
    const register = await rest('POST /auth/register', { token, json: { email: `new-${email}`, password } });
    expect({ status: register.status, text: register.text }).toMatchObject({ status: 201 });
    expect((await rest('GET /users/me', { token })).status).toBe(401);
  });

  it('GraphQL runs an operation that only signs in', async () => {
    const ana = await client.register();
    const headers = { authorization: `Bearer ${await tokenOf(ana)}` };
    const { email, password, refreshToken } = ana;
    expect(outcomeOf(await client.login({ email, password }, headers))).toBe('ok');
    const query = `mutation Other { logout } mutation Refresh($input: RefreshSessionInput!) { ...R }
      fragment R on Mutation { again: refreshSession(input: $input) { accessToken } }`;
    const variables = { input: { refreshToken } };
    const reply = await rest('POST /graphql', { headers, json: { query, variables, operationName: 'Refresh' } });
    expect(reply.body).toEqual({ data: { again: { accessToken: expect.any(String) } } });
  });

  it('GraphQL refuses every other operation', async () => {
    const ana = await client.register();
    const headers = { authorization: `Bearer ${await tokenOf(ana)}` };
    const input = `{ email: "${ana.email}", password: "${ana.password}" }`;
    const others = [
      '{ me { id } }',
      '{ __typename }',
      'mutation { __typename }',
      'mutation { logout }',
      `mutation { login(input: ${input}) { accessToken } logout }`,
      `mutation { login: logout }`,
      `mutation { login(input: ${input}) { accessToken } ... on Mutation @skip(if: true) { logout } }`,
      'query { login: me { id } }',
      '{ login',
    ];
    for (const query of others) {
      const { status, errors } = await sendGraphql(system.url, { query, headers });
      expect({ query, status, code: errors[0]?.extensions.code }).toEqual({
        query,
        status: 401,
        code: 'UNAUTHENTICATED',
      });
    }
  });
});

describe('a wrong password', () => {
  it('is refused by a title that does not ask to sign in, which the client is just doing', async () => {
    const ana = await client.register();
    const reply = await rest('POST /auth/login', { json: { email: ana.email, password: 'wrong-password' } });
    expect(reply).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED', title: 'Not authenticated' } });
  });
});
