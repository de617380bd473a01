import 'reflect-metadata';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { authClient, outcomeOf, sessionIdOf, type AuthClient, type NewAccount } from '../support/auth-client.js';
import { startAuth, type AuthUnderTest } from '../support/auth-subgraph.js';

let auth: AuthUnderTest;
let client: AuthClient;
let owner: NewAccount;
beforeAll(async () => {
  auth = await startAuth();
  client = authClient(auth.url);
});
beforeEach(async () => {
  owner = await client.register();
});
afterAll(() => auth?.stop());

const sql = <Row>(text: string, parameters: unknown[]): Promise<Row[]> =>
  auth.orm.em.getConnection().execute<Row[]>(text, parameters);
const refreshed = async (token: string): Promise<string> => outcomeOf(await client.refresh(token));
const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

/** When the session of this access token was revoked, as any other connection sees it. */
async function revokedAt({ accessToken }: { accessToken: string }): Promise<Date | string | null | undefined> {
  const [row] = await sql<{ revoked_at: string | null }>('select revoked_at from sessions where id = ?', [
    sessionIdOf(accessToken),
  ]);
  return row?.revoked_at;
}

describe('a refresh token', () => {
  it('brings a new pair of the same session each time, one after the other', async () => {
    const seen = new Set([owner.refreshToken]);
    let current = owner.refreshToken;
    for (let turn = 1; turn <= 5; turn += 1) {
      const next = await client.rotate(current);
      expect(sessionIdOf(next.accessToken)).toBe(sessionIdOf(owner.accessToken));
      expect(outcomeOf(await client.me(next.accessToken))).toBe('ok');
      expect(seen.has(next.refreshToken)).toBe(false);
      seen.add((current = next.refreshToken));
    }
    expect(await client.sessionIds(owner.accessToken)).toEqual([sessionIdOf(owner.accessToken)]);
  });

  it('has 256 bits of randomness, and says nothing else', async () => {
    expect(owner.refreshToken).toMatch(/^[\w-]{43}$/);
  });

  it('lives for so long after its last use, not its first', async () => {
    const id = sessionIdOf(owner.accessToken);
    await sql(`update sessions set expires_at = now() + interval '1 hour' where id = ?`, [id]);
    await client.rotate(owner.refreshToken);
    const [row] = await sql<{ days: number }>(
      'select extract(epoch from expires_at - now()) / 86400 as days from sessions where id = ?',
      [id],
    );
    expect(Number(row?.days)).toBeGreaterThan(29);
  });
});

describe('a refresh token that was used before', () => {
  it('ends its family, and the end stays although the request fails', async () => {
    const next = await client.rotate(owner.refreshToken);
    expect(await revokedAt(owner)).toBeNull();
    expect(await refreshed(owner.refreshToken)).toBe('UNAUTHENTICATED');
    expect(await revokedAt(owner)).not.toBeNull();
    expect(await refreshed(next.refreshToken)).toBe('UNAUTHENTICATED');
    await auth.learnRevocations();
    for (const { accessToken } of [owner, next]) {
      expect(outcomeOf(await client.me(accessToken))).toBe('UNAUTHENTICATED');
    }
  });

  it('does so however many have followed it, and however long ago', async () => {
    const tokens = [owner.refreshToken];
    for (let turn = 0; turn < 4; turn += 1) tokens.push((await client.rotate(tokens.at(-1)!)).refreshToken);
    await sql(`update used_refresh_tokens set used_at = now() - interval '400 days' where token_hash = ?`, [
      hashOf(tokens[0]!),
    ]);
    expect(await refreshed(tokens[0]!)).toBe('UNAUTHENTICATED');
    expect(await refreshed(tokens.at(-1)!)).toBe('UNAUTHENTICATED');
    expect(await revokedAt(owner)).not.toBeNull();
  });

  it('leaves the other sessions of the account as they are', async () => {
    const [phone, other] = [await client.signIn(owner), await client.register()];
    await client.rotate(owner.refreshToken);
    await refreshed(owner.refreshToken);
    expect(await revokedAt(owner)).not.toBeNull();
    await auth.learnRevocations();
    for (const session of [phone, other]) {
      expect(outcomeOf(await client.me(session.accessToken))).toBe('ok');
      expect(await refreshed(session.refreshToken)).toBe('ok');
    }
  });

  it('leaves a trace in the log that names the session and no token', async () => {
    const next = await client.rotate(owner.refreshToken);
    const before = auth.statements.length;
    await refreshed(owner.refreshToken);
    const lines = auth.statements.slice(before).filter((line) => line.includes('came back'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(sessionIdOf(owner.accessToken));
    for (const token of [owner.refreshToken, next.refreshToken]) {
      expect(auth.statements.join('\n')).not.toContain(token);
      expect(auth.statements.join('\n')).not.toContain(hashOf(token));
    }
  });
});

describe('parallel uses of one refresh token', () => {
  const parallel = (token: string, count: number) =>
    Promise.all(Array.from({ length: count }, () => client.refresh(token)));

  it.each([2, 20])('%i: one wins, and what it won is dead, since one of them was a thief', async (count) => {
    const replies = await parallel(owner.refreshToken, count);
    const won = replies.flatMap(({ data }) => (data ? [data['refreshSession'] as { refreshToken: string }] : []));
    expect(won).toHaveLength(1);
    expect(await revokedAt(owner)).not.toBeNull();
    for (const { refreshToken } of won) expect(await refreshed(refreshToken)).toBe('UNAUTHENTICATED');
  });

  it('leave no live successor when the winner goes on at once', async () => {
    const winner = client
      .rotate(owner.refreshToken)
      .then(({ refreshToken }) => client.refresh(refreshToken))
      .catch(() => null);
    const losers = Array.from({ length: 6 }, () => client.refresh(owner.refreshToken));
    const [successor] = await Promise.all([winner, ...losers]);
    expect(await revokedAt(owner)).not.toBeNull();
    const token = (successor?.data?.['refreshSession'] as { refreshToken: string } | undefined)?.refreshToken;
    if (token) expect(await refreshed(token)).toBe('UNAUTHENTICATED');
    const live = await sql('select 1 from sessions where user_id = ? and revoked_at is null', [owner.id]);
    expect(live).toEqual([]);
  });
});

describe('a refresh token that does not hold', () => {
  it.each<[what: string, spoil: () => Promise<unknown>]>([
    ['has expired', () => sql(`update sessions set expires_at = now() where user_id = ?`, [owner.id])],
    ['was signed out', () => client.logout(owner.accessToken)],
    ['was revoked', () => client.revoke(sessionIdOf(owner.accessToken), owner.accessToken)],
    ['was signed out everywhere', () => client.signOutEverywhere(owner.accessToken)],
  ])('is refused when it %s, twice alike', async (_what, spoil) => {
    await spoil();
    const [first, second] = [await client.refresh(owner.refreshToken), await client.refresh(owner.refreshToken)];
    expect(outcomeOf(first)).toBe('UNAUTHENTICATED');
    expect(second.text).toBe(first.text);
  });

  it('gets the same answer whatever is wrong with it', async () => {
    const used = owner.refreshToken;
    const next = await client.rotate(used);
    const texts = [
      randomBytes(32).toString('base64url'),
      used,
      next.refreshToken,
      next.accessToken.slice(0, 500),
      `${used}=`,
      ` ${used}`,
      used.toUpperCase(),
      '',
      '0',
      "' or 1=1 --",
      '\u0000',
      'ñ'.repeat(200),
      '\ud800',
    ];
    const replies = [];
    for (const text of texts) replies.push(await client.refresh(text));
    const [first] = replies;
    expect(outcomeOf(first!)).toBe('UNAUTHENTICATED');
    for (const { status, text } of replies)
      expect({ status, text }).toEqual({ status: first!.status, text: first!.text });
  });

  it.each<[what: string, value: unknown]>([
    ['longer than any', 'x'.repeat(513)],
    ['no text', 7],
    ['a list', ['x']],
    ['null', null],
  ])('is bad input when it is %s', async (_what, value) => {
    expect(await refreshed(value as string)).toBe('BAD_USER_INPUT');
  });
});
