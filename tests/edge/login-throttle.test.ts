import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { AccountService } from '../../subgraphs/auth/account.service.js';
import { createPasswords } from '../../subgraphs/auth/password.js';
import { authClient, outcomeOf, type AuthClient } from '../support/auth-client.js';
import { startAuth, type AuthUnderTest } from '../support/auth-subgraph.js';
import { startEdgeSystem, type EdgeSystem } from '../support/edge-system.js';
import { restClient, type RestClient } from '../support/rest-client.js';

const MAX = 4;

describe('at the public door', () => {
  let system: EdgeSystem;
  let send: RestClient;
  let client: AuthClient;
  beforeAll(async () => {
    system = await startEdgeSystem({ SIGN_IN_FAILURES: '1000' });
    send = restClient(system.url);
    client = authClient(system.url);
  });
  afterAll(() => system?.stop());

  const login = async (json: unknown) => {
    const { status, text } = await send('POST /auth/login', { json });
    return { status, text: text.replace(/"requestId":"[^"]+"/, '') };
  };

  it('a wrong password and an unknown email get the same bytes, by REST and by GraphQL', async () => {
    const { email } = await client.register();
    const wrong = { email, password: 'wrong horse' };
    const unknown = { email: `${randomUUID()}@example.com`, password: 'secret123' };
    const [one, two] = [await login(wrong), await login(unknown)];
    expect(one).toEqual(two);
    expect(one.status).toBe(401);
    const [three, four] = [await client.login(wrong), await client.login(unknown)];
    expect(three.text).toBe(four.text);
  });

  it.each([
    '',
    ' ',
    'x',
    'a@b',
    '\u0000',
    'ana@example.com\u0000',
    '\ud800@example.com',
    "' or 1=1 --",
    '%',
    'İ@example.com',
  ])('so does the email %j', async (email) => {
    const [odd, unknown] = await Promise.all(
      [email, `${randomUUID()}@example.com`].map((of) => login({ email: of, password: 'secret123' })),
    );
    expect(odd).toEqual(unknown);
  });

  it('a password over 72 bytes is refused at both, never cut', async () => {
    const { email } = await client.register(undefined, 'x'.repeat(72));
    expect(await login({ email, password: 'x'.repeat(72) })).toMatchObject({ status: 200 });
    for (const password of ['x'.repeat(73), 'ñ'.repeat(37)]) {
      for (const route of ['POST /auth/register', 'POST /auth/login']) {
        const { status, body, text } = await send(route, { json: { email, password } });
        expect({ status, code: body['code'] }).toEqual({ status: 400, code: 'BAD_USER_INPUT' });
        expect(text).not.toContain(password);
      }
    }
    expect((await login({ email, password: 'x'.repeat(71) })).status).toBe(401);
  });
});

describe('the auth subgraph', () => {
  let auth: AuthUnderTest;
  let client: AuthClient;
  beforeAll(async () => {
    auth = await startAuth({ SIGN_IN_FAILURES: String(MAX) });
    client = authClient(auth.url);
  });
  afterAll(() => auth?.stop());

  const from = (address: string) => ({ 'x-forwarded-for': address });
  const guess = async (email: string, password: string, address = '198.51.100.1') =>
    outcomeOf(await client.login({ email, password }, from(address)));

  it('compares a password with a hash also where there is no account', async () => {
    const real = await createPasswords(4);
    const compared: (string | null)[] = [];
    const passwords = {
      hash: real.hash,
      matches: (password: string, hash: string | null) => {
        compared.push(hash);
        return real.matches(password, hash);
      },
    };
    const accounts = new AccountService(auth.orm.em.fork(), passwords);
    const email = `${randomUUID()}@example.com`;
    await accounts.register({ email, password: 'secret123' });
    for (const claimed of [email, 'nobody@example.com']) {
      const attempt = accounts.authenticate({ email: claimed, password: 'wrong horse' });
      await expect(attempt).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    }
    expect(compared).toEqual([expect.stringMatching(/^\$2b\$04\$/), null]);
  });

  it('stops strangers after so many failures, even with the right password, from wherever they come', async () => {
    const { email, password } = await client.register();
    for (let i = 0; i < MAX; i += 1) {
      expect(await guess(email, 'wrong horse', `198.51.100.${i}`)).toBe('UNAUTHENTICATED');
    }
    for (const address of ['198.51.100.1', '203.0.113.9', '2001:db8::1']) {
      expect(await guess(email, password, address)).toBe('RATE_LIMITED');
    }
    expect(await guess(` ${email.toUpperCase()}`, password)).toBe('RATE_LIMITED');
  });

  it('lets nobody guess more often at once', async () => {
    const { email } = await client.register();
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, (_, i) => guess(email, 'wrong horse', `198.51.100.${i}`)),
    );
    expect(outcomes.filter((outcome) => outcome === 'UNAUTHENTICATED')).toHaveLength(MAX);
    expect(outcomes.filter((outcome) => outcome === 'RATE_LIMITED')).toHaveLength(40 - MAX);
  });

  it('still lets the owner in at an address where the account was signed in before', async () => {
    const { email, password } = await client.register();
    const home = '192.0.2.7';
    expect(await guess(email, password, home)).toBe('ok');
    await Promise.all(Array.from({ length: MAX + 2 }, () => guess(email, 'wrong horse')));
    expect(await guess(email, password)).toBe('RATE_LIMITED');
    expect(await guess(email, password, home)).toBe('ok');
    // Guessing from there has a budget too.
    for (let i = 0; i < MAX; i += 1) expect(await guess(email, 'wrong horse', home)).toBe('UNAUTHENTICATED');
    expect(await guess(email, password, home)).toBe('RATE_LIMITED');
  });

  it('says the same of an account that does not exist, for as many failures', async () => {
    const { email } = await client.register();
    const outcomesOf = async (of: string): Promise<string[]> => {
      const texts = [];
      for (let i = 0; i <= MAX; i += 1) {
        texts.push((await client.login({ email: of, password: 'wrong horse' }, from('198.51.100.1'))).text);
      }
      return texts;
    };
    expect(await outcomesOf(`${randomUUID()}@example.com`)).toEqual(await outcomesOf(email));
  });

  it.each(['fe80::1%eth0', '2001:db8::1', '::ffff:192.0.2.1', 'unknown', '192.0.2.1, 192.0.2.2', ''])(
    'takes whatever stands for an address: %j',
    async (address) => {
      const { email, password } = await client.register();
      expect(await guess(email, password, address)).toBe('ok');
      expect(await guess(email, password, address)).toBe('ok');
    },
  );
});
