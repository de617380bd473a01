import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createAccessTokenSigner } from '#shared/context/token-signer.js';
import { startAuth, type AuthUnderTest } from '../support/auth-subgraph.js';
import { graphqlData, sendGraphql } from '../support/graphql-client.js';

interface Tokens {
  accessToken: string;
  refreshToken: string;
}
interface Registered extends Tokens {
  user: { id: string; email: string; role: string; createdAt: string };
}

const REGISTER = `mutation ($input: RegisterInput!) { register(input: $input) { user { id email role createdAt } accessToken refreshToken } }`;
const LOGIN = `mutation ($input: LoginInput!) { login(input: $input) { accessToken refreshToken } }`;
const REFRESH = `mutation ($input: RefreshSessionInput!) { refreshSession(input: $input) { accessToken refreshToken } }`;
const ME = `{ me { id email role createdAt } }`;
const password = 'correct horse';

let auth: AuthUnderTest;
beforeAll(async () => {
  auth = await startAuth();
});
afterAll(() => auth?.stop());

async function newUser(): Promise<Registered> {
  const input = { email: `${randomUUID()}@example.com`, password };
  return (await graphqlData<{ register: Registered }>(auth.url, { query: REGISTER, variables: { input } })).register;
}

function fault(sent: { query: string; variables?: Record<string, unknown>; token?: string }) {
  return sendGraphql(auth.url, sent).then(({ data, errors, text }) => ({
    data,
    code: errors[0]?.extensions.code,
    issues: errors[0]?.extensions.issues,
    text,
  }));
}

describe('Mutation.register', () => {
  it('creates an account with role user and signs it in', async () => {
    const { user, accessToken, refreshToken } = await newUser();
    expect(user.role).toBe('user');
    expect(Date.parse(user.createdAt)).not.toBeNaN();
    expect(refreshToken).not.toBe(accessToken);
    const { me } = await graphqlData<{ me: unknown }>(auth.url, { query: ME, token: accessToken });
    expect(me).toEqual(user);
  });

  it('refuses an address that is taken in another spelling', async () => {
    const { user } = await newUser();
    const input = { email: ` ${user.email.toUpperCase()} `, password };
    expect((await fault({ query: REGISTER, variables: { input } })).code).toBe('CONFLICT');
  });

  it.each([
    ['no email address', { email: 'nobody', password }, 'input.email'],
    ['a short password', { email: 'a@example.com', password: 'short' }, 'input.password'],
    ['a password that bcrypt would cut', { email: 'a@example.com', password: 'ñ'.repeat(37) }, 'input.password'],
  ])('refuses %s and names the field', async (_case, input, path) => {
    const { code, issues, text } = await fault({ query: REGISTER, variables: { input } });
    expect({ code, path: issues?.[0]?.path }).toEqual({ code: 'BAD_USER_INPUT', path });
    expect(text).not.toContain(input.password);
  });

  it('stores neither the password nor the refresh token', async () => {
    const { user, refreshToken } = await newUser();
    const rows = await auth.orm.em
      .getConnection()
      .execute(
        'select u.password_hash, s.refresh_token_hash from users u join sessions s on s.user_id = u.id where u.id = ?',
        [user.id],
      );
    expect(JSON.stringify(rows)).not.toContain(refreshToken);
    expect(rows).toEqual([
      {
        password_hash: expect.stringMatching(/^\$2b\$04\$/),
        refresh_token_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ]);
  });
});

describe('Mutation.login', () => {
  it('takes the address in any spelling', async () => {
    const { user } = await newUser();
    const input = { email: ` ${user.email.toUpperCase()}`, password };
    const { login } = await graphqlData<{ login: Tokens }>(auth.url, { query: LOGIN, variables: { input } });
    expect(login.accessToken).toMatch(/^ey/);
  });

  it('answers a wrong password and an unknown address alike', async () => {
    const { user } = await newUser();
    const wrong = await fault({ query: LOGIN, variables: { input: { email: user.email, password: 'wrong horse' } } });
    const unknown = await fault({ query: LOGIN, variables: { input: { email: 'nobody@example.com', password } } });
    expect(wrong.code).toBe('UNAUTHENTICATED');
    expect(unknown).toEqual(wrong);
  });
});

describe('Mutation.refreshSession', () => {
  it('lets at most one of twenty parallel uses of a token win', async () => {
    const { refreshToken } = await newUser();
    const attempts = Array.from({ length: 20 }, () =>
      fault({ query: REFRESH, variables: { input: { refreshToken } } }),
    );
    const codes = (await Promise.all(attempts)).map(({ code }) => code ?? 'ok');
    expect(codes.toSorted()).toEqual([...Array<string>(19).fill('UNAUTHENTICATED'), 'ok']);
  });

  it('ends the whole family when a used token comes back', async () => {
    const { refreshToken } = await newUser();
    const refresh = (token: string) => fault({ query: REFRESH, variables: { input: { refreshToken: token } } });
    const { data } = await refresh(refreshToken);
    const next = (data as { refreshSession: Tokens }).refreshSession.refreshToken;
    expect((await refresh(refreshToken)).code).toBe('UNAUTHENTICATED');
    expect((await refresh(next)).code).toBe('UNAUTHENTICATED');
  });

  it('refuses the token of a session that was signed out', async () => {
    const { accessToken, refreshToken } = await newUser();
    await graphqlData(auth.url, { query: 'mutation { logout }', token: accessToken });
    expect((await fault({ query: REFRESH, variables: { input: { refreshToken } } })).code).toBe('UNAUTHENTICATED');
  });
});

describe('User.sessions', () => {
  const SESSIONS = `{ me { sessions { id userAgent ip current } } }`;
  const signIn = async (email: string, headers: Record<string, string>) => {
    const input = { email, password };
    const { login } = await graphqlData<{ login: Tokens }>(auth.url, { query: LOGIN, variables: { input }, headers });
    return login;
  };
  const sessionsOf = async (token: string) => {
    const { me } = await graphqlData<{ me: { sessions: { id: string; current: boolean }[] } }>(auth.url, {
      query: SESSIONS,
      token,
    });
    return me.sessions;
  };

  it('names device and address, and which one asks', async () => {
    const { user } = await newUser();
    const phone = await signIn(user.email, { 'user-agent': 'Phone', 'x-forwarded-for': '2001:db8::7' });
    const [first, second, ...others] = await sessionsOf(phone.accessToken);
    expect(first).toMatchObject({ userAgent: 'Phone', ip: '2001:db8::7', current: true });
    expect(second).toMatchObject({ current: false });
    expect(others).toEqual([]);
  });

  it('can be ended one by one by their owner, and by nobody else', async () => {
    const [owner, other] = [await newUser(), await newUser()];
    const [session] = await sessionsOf(owner.accessToken);
    const query = `mutation ($id: ID!) { revokeSession(id: $id) }`;
    const variables = { id: session?.id };
    const theirs = await fault({ query, variables, token: other.accessToken });
    const unknown = await fault({ query, variables: { id: randomUUID() }, token: other.accessToken });
    expect(theirs.code).toBe('NOT_FOUND');
    expect(theirs).toEqual(unknown);
    await graphqlData(auth.url, { query, variables, token: owner.accessToken });
    expect((await fault({ query: REFRESH, variables: { input: { refreshToken: owner.refreshToken } } })).code).toBe(
      'UNAUTHENTICATED',
    );
  });

  it('can be ended all at once', async () => {
    const owner = await newUser();
    const phone = await signIn(owner.user.email, {});
    const { signOutEverywhere } = await graphqlData<{ signOutEverywhere: number }>(auth.url, {
      query: 'mutation { signOutEverywhere }',
      token: phone.accessToken,
    });
    expect(signOutEverywhere).toBe(2);
    for (const { refreshToken } of [owner, phone]) {
      expect((await fault({ query: REFRESH, variables: { input: { refreshToken } } })).code).toBe('UNAUTHENTICATED');
    }
  });
});

describe('User as an entity', () => {
  const ENTITIES = `query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on User { id email } } }`;
  const representationsOf = (ids: string[]) => ids.map((id) => ({ __typename: 'User', id }));

  it('shows its owner, and nobody else, the account', async () => {
    const [owner, other] = [await newUser(), await newUser()];
    const variables = { representations: representationsOf([owner.user.id, other.user.id]) };
    const data = await graphqlData(auth.url, { query: ENTITIES, variables, token: owner.accessToken });
    expect(data).toEqual({ _entities: [{ id: owner.user.id, email: owner.user.email }, null] });
  });

  it('is null for what is no id, whoever asks', async () => {
    const rules = { issuer: 'llm-supergraph', audience: 'llm-supergraph' };
    const viewer = {
      id: randomUUID(),
      email: 'admin@example.com',
      sessionId: randomUUID(),
      promptStorage: 'plain',
    } as const;
    const { user } = await newUser();
    const ids = ['x', '', "' or 1=1 --", '\u0000', user.id, `${user.id}x`];
    for (const role of ['admin', 'user'] as const) {
      const token = createAccessTokenSigner(auth.privateKey, rules, 60_000)({ ...viewer, role });
      const variables = { representations: representationsOf(ids) };
      const data = await graphqlData<{ _entities: unknown[] }>(auth.url, { query: ENTITIES, variables, token });
      const seen = role === 'admin' ? { id: user.id, email: user.email } : null;
      expect(data._entities).toEqual([null, null, null, null, seen, null]);
    }
  });

  it('is read by one query however many are asked for', async () => {
    const users = await Promise.all(Array.from({ length: 12 }, newUser));
    const sign = createAccessTokenSigner(
      auth.privateKey,
      { issuer: 'llm-supergraph', audience: 'llm-supergraph' },
      60_000,
    );
    const admin = { id: randomUUID(), email: 'admin@example.com', role: 'admin', sessionId: randomUUID() } as const;
    const token = sign({ ...admin, promptStorage: 'plain' });
    const variables = { representations: representationsOf(users.map(({ user }) => user.id)) };
    const before = auth.statements.length;
    const data = await graphqlData<{ _entities: unknown[] }>(auth.url, { query: ENTITIES, variables, token });
    expect(data._entities).toHaveLength(12);
    expect(data._entities).not.toContain(null);
    expect(auth.statements.slice(before).filter((line) => line.includes('select'))).toHaveLength(1);
  });
});

describe('Query.me', () => {
  it.each([
    ['without a token', undefined],
    ['with a token that is not ours', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.'],
  ])('is refused %s', async (_case, token) => {
    const sent = token === undefined ? { query: ME } : { query: ME, token };
    expect((await fault(sent)).code).toBe('UNAUTHENTICATED');
  });
});
