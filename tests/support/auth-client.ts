import { randomUUID } from 'node:crypto';
import { graphqlData, sendGraphql, type GraphqlReply } from './graphql-client.js';

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

export interface NewAccount extends Tokens {
  readonly id: string;
  readonly email: string;
  readonly password: string;
}

const REGISTER =
  'mutation ($input: RegisterInput!) { register(input: $input) { user { id } accessToken refreshToken } }';
const LOGIN = 'mutation ($input: LoginInput!) { login(input: $input) { accessToken refreshToken } }';
const REFRESH =
  'mutation ($input: RefreshSessionInput!) { refreshSession(input: $input) { accessToken refreshToken } }';

/** What a reply came to: `ok`, or the code of its first error. */
export function outcomeOf({ errors }: GraphqlReply): string {
  return errors[0]?.extensions.code ?? 'ok';
}

/** Accounts and sessions by GraphQL, on the auth subgraph or at the public door. */
export function authClient(url: string) {
  const refresh = (refreshToken: string): Promise<GraphqlReply> =>
    sendGraphql(url, { query: REFRESH, variables: { input: { refreshToken } } });
  return {
    refresh,
    async register(email = `${randomUUID()}@example.com`, password = 'secret123'): Promise<NewAccount> {
      const { register } = await graphqlData<{ register: Tokens & { user: { id: string } } }>(url, {
        query: REGISTER,
        variables: { input: { email, password } },
      });
      const { user, accessToken, refreshToken } = register;
      return { id: user.id, email, password, accessToken, refreshToken };
    },
    /** The reply as it is; {@link signIn} for one that must succeed. */
    login: (input: { email: string; password: string }, headers: Record<string, string> = {}): Promise<GraphqlReply> =>
      sendGraphql(url, { query: LOGIN, variables: { input }, headers }),
    async signIn({ email, password }: { email: string; password: string }): Promise<Tokens> {
      const { login } = await graphqlData<{ login: Tokens }>(url, {
        query: LOGIN,
        variables: { input: { email, password } },
      });
      return login;
    },
    /** The next pair of tokens; fails with the reply otherwise. */
    async rotate(refreshToken: string): Promise<Tokens> {
      const reply = await refresh(refreshToken);
      const tokens = reply.data?.['refreshSession'] as Tokens | undefined;
      if (!tokens) throw new Error(`${reply.status}: ${reply.text}`);
      return tokens;
    },
    me: (token: string): Promise<GraphqlReply> => sendGraphql(url, { query: '{ me { id role } }', token }),
    async sessionIds(token: string): Promise<string[]> {
      const { me } = await graphqlData<{ me: { sessions: { id: string }[] } }>(url, {
        query: '{ me { sessions { id } } }',
        token,
      });
      return me.sessions.map(({ id }) => id);
    },
    logout: (token: string): Promise<GraphqlReply> => sendGraphql(url, { query: 'mutation { logout }', token }),
    revoke: (id: string, token: string): Promise<GraphqlReply> =>
      sendGraphql(url, { query: 'mutation ($id: ID!) { revokeSession(id: $id) }', variables: { id }, token }),
    signOutEverywhere: (token: string): Promise<GraphqlReply> =>
      sendGraphql(url, { query: 'mutation { signOutEverywhere }', token }),
  };
}

export type AuthClient = ReturnType<typeof authClient>;

/** The session that an access token belongs to. */
export function sessionIdOf(accessToken: string): string {
  const [, payload = ''] = accessToken.split('.');
  return (JSON.parse(Buffer.from(payload, 'base64url').toString()) as { sid: string }).sid;
}
