import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { request } from 'undici';
import { authClient, type AuthClient, type NewAccount } from '../support/auth-client.js';
import { startEdgeSystem, type EdgeSystem } from '../support/edge-system.js';

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: Record<string, unknown>;
}

const LIMITS = { RATE_LIMIT_PER_MIN: '60', SIGN_IN_LIMIT_PER_MIN: '20' };

let system: EdgeSystem;
let client: AuthClient;
beforeAll(async () => {
  system = await startEdgeSystem(LIMITS);
  client = authClient(system.url);
});
afterAll(() => system?.stop());

async function answer(url: string, options: Parameters<typeof request>[1]): Promise<Answer> {
  const { statusCode, headers, body } = await request(url, options);
  return { status: statusCode, headers, body: (await body.json()) as Record<string, unknown> };
}

const bearer = (token?: string): Record<string, string> => (token ? { authorization: `Bearer ${token}` } : {});
const byRest = (token?: string, headers = {}): Promise<Answer> =>
  answer(`${system.url}/users/me`, { headers: { ...bearer(token), ...headers } });
const byGraphql = (query: string, token?: string, headers = {}, variables = {}): Promise<Answer> =>
  answer(`${system.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...bearer(token), ...headers },
    body: JSON.stringify({ query, variables }),
  });

const isLimited = ({ status }: Answer): boolean => status === 429;
const accepted = (answers: readonly Answer[]): Answer[] => answers.filter((reply) => !isLimited(reply));
/** Uses up what is left, one by one, and says how much that was. */
async function left(ask: () => Promise<Answer>): Promise<number> {
  const answers = await Promise.all(Array.from({ length: 70 }, ask));
  return accepted(answers).length;
}

describe('a budget of 60 a minute', () => {
  it('accepts exactly 60 of 200 at once, by REST and by GraphQL together', async () => {
    const { accessToken } = await client.register();
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, i) => (i % 2 ? byRest(accessToken) : byGraphql('{ me { id } }', accessToken))),
    );
    expect(accepted(answers)).toHaveLength(60);
    expect(new Set(accepted(answers).map(({ status }) => status))).toEqual(new Set([200]));
  });

  it('is used up by each alias, and takes an operation whole or not at all', async () => {
    const { id, accessToken } = await client.register();
    const three = '{ a: me { id } b: me { id } c: me { id } }';
    const answers = await Promise.all(
      Array.from({ length: 120 }, (_, i) =>
        i % 3 ? byGraphql('{ me { id } }', accessToken) : byGraphql(three, accessToken),
      ),
    );
    const cost = accepted(answers).map(({ body }) => {
      const fields = Object.values(body['data'] as Record<string, unknown>);
      for (const field of fields) expect(field).toEqual({ id });
      return fields.length;
    });
    for (const fields of cost) expect([1, 3]).toContain(fields);
    const spent = cost.reduce((sum, fields) => sum + fields, 0);
    expect(spent + (await left(() => byRest(accessToken)))).toBe(60);
    for (const { body } of answers.filter(isLimited)) expect(body['data']).toBeUndefined();
  });

  it('takes nothing for an operation that it refuses, over several root fields', async () => {
    const { id, accessToken } = await client.register();
    const usage = `usage(userId: "${id}") { overview { totalRequests } }`;
    for (let i = 0; i < 29; i += 1) await byGraphql('{ a: me { id } b: me { id } }', accessToken);
    const refused = await byGraphql(`{ ${usage} a: me { id } b: me { id } c: me { id } }`, accessToken);
    expect(refused.status).toBe(429);
    expect(await left(() => byGraphql(`{ ${usage} }`, accessToken))).toBe(60);
    expect(await left(() => byRest(accessToken))).toBe(2);
  });

  it('is one per user', async () => {
    const [ana, bob] = [await client.register(), await client.register()];
    expect(await left(() => byRest(ana.accessToken))).toBe(60);
    expect(await left(() => byRest(bob.accessToken))).toBe(60);
    // Another session of the same user has no budget of its own.
    const phone = await client.signIn(ana);
    expect(await left(() => byRest(phone.accessToken))).toBe(0);
  });

  it('is told by headers, and a refusal says when to come again', async () => {
    const { accessToken } = await client.register();
    const first = await byRest(accessToken);
    expect(first.headers).toMatchObject({ 'ratelimit-policy': '"me";q=60;w=60', ratelimit: '"me";r=59;t=60' });
    expect(first.headers['retry-after']).toBeUndefined();
    await left(() => byRest(accessToken));
    for (const refused of [await byRest(accessToken), await byGraphql('{ me { id } }', accessToken)]) {
      expect(refused.status).toBe(429);
      expect(refused.headers).toMatchObject({
        'ratelimit-policy': '"me";q=60;w=60',
        ratelimit: expect.stringMatching(/^"me";r=0;t=\d+$/),
      });
      const seconds = Number(refused.headers['retry-after']);
      expect(seconds).toBeGreaterThan(0);
      expect(seconds).toBeLessThanOrEqual(60);
    }
    expect((await byRest(accessToken)).body).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
    const { errors } = (await byGraphql('{ me { id } }', accessToken)).body as { errors: object[] };
    expect(errors).toEqual([expect.objectContaining({ extensions: { code: 'RATE_LIMITED', retryable: true } })]);
  });

  it('is the same whatever a client says of itself', async () => {
    const { accessToken } = await client.register();
    const disguise = (i: number): Record<string, string> => ({
      'x-forwarded-for': `203.0.113.${i}`,
      forwarded: `for=203.0.113.${i}`,
      'x-real-ip': `203.0.113.${i}`,
      'cf-connecting-ip': `203.0.113.${i}`,
      'x-user-id': `0198c0de-0000-7000-8000-0000000000${String(i).padStart(2, '0')}`,
      'x-request-id': `0198c0de-0000-4000-8000-0000000000${String(i).padStart(2, '0')}`,
      'user-agent': `client ${i}`,
    });
    const users = await Promise.all(Array.from({ length: 90 }, (_, i) => byRest(accessToken, disguise(i))));
    expect(accepted(users)).toHaveLength(60);
    const strangers = await Promise.all(
      Array.from({ length: 90 }, (_, i) => byGraphql('{ __typename }', undefined, disguise(i))),
    );
    expect(accepted(strangers)).toHaveLength(60);
  });

  it('is per address behind a proxy that is trusted by name', async () => {
    const { program } = await system.addSupergraph({ TRUSTED_PROXIES: '127.0.0.1', RATE_LIMIT_PER_MIN: '5' });
    const from = (address: string): Promise<Answer> =>
      answer(`${program.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
        body: JSON.stringify({ query: '{ __typename }' }),
      });
    expect(await left(() => from('203.0.113.1'))).toBe(5);
    expect(await left(() => from('203.0.113.2'))).toBe(5);
    // Only the last hop is the proxy's word: what stands before it is the client's own.
    expect(await left(() => from('198.51.100.7, 203.0.113.1'))).toBe(0);
  });
});

describe('a budget of 20 sign-ins a minute from one address', () => {
  const REFRESH = 'mutation ($token: String!) { refreshSession(input: { refreshToken: $token }) { accessToken } }';
  const LOGIN = 'mutation ($email: String!) { login(input: { email: $email, password: "secret123" }) { accessToken } }';

  it('is shared by all accounts, by REST and GraphQL, signed in or not, and each alias counts', async () => {
    const tries = (i: number): Promise<Answer> => {
      const spoofed = { 'x-forwarded-for': `203.0.113.${i}` };
      const email = `nobody-${i}@example.com`;
      if (i % 2) return byGraphql(LOGIN, undefined, spoofed, { email });
      return answer(`${system.url}/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...spoofed },
        body: JSON.stringify({ email, password: 'secret123' }),
      });
    };
    // One was used by the tests before.
    const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => tries(i)));
    expect(accepted(answers).length).toBeLessThanOrEqual(20);
    expect(accepted(answers).length).toBeGreaterThanOrEqual(19);
    expect(isLimited(await tries(99))).toBe(true);
    const refreshes = await Promise.all(
      Array.from({ length: 30 }, () => byGraphql(REFRESH, undefined, {}, { token: 'x' })),
    );
    expect(accepted(refreshes)).toHaveLength(20);
    const aliases = `mutation { ${['a', 'b'].map((alias) => `${alias}: login(input: { email: "x@example.com", password: "secret123" }) { accessToken }`).join(' ')} }`;
    expect(isLimited(await byGraphql(aliases))).toBe(true);
  });

  it('leaves alone who is signed in already', async () => {
    // From the budget of register, which is another.
    const { accessToken }: NewAccount = await client.register();
    expect((await byRest(accessToken)).status).toBe(200);
  });
});
