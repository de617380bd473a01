import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  authClient,
  outcomeOf,
  sessionIdOf,
  type AuthClient,
  type NewAccount,
  type Tokens,
} from '../support/auth-client.js';
import { startAuth, type AuthUnderTest } from '../support/auth-subgraph.js';

let auth: AuthUnderTest;
let client: AuthClient;
beforeAll(async () => {
  auth = await startAuth();
  client = authClient(auth.url);
});
afterAll(() => auth?.stop());

/** A session as one who read RFC 9700 and nothing else expects it. */
interface Session {
  readonly id: string;
  readonly userId: string;
  isLive: boolean;
  current: string;
  readonly used: string[];
  readonly accessTokens: string[];
}

class Model {
  readonly sessions: Session[] = [];

  begin(userId: string, { accessToken, refreshToken }: { accessToken: string; refreshToken: string }): void {
    const id = sessionIdOf(accessToken);
    this.sessions.push({ id, userId, isLive: true, current: refreshToken, used: [], accessTokens: [accessToken] });
  }

  pick(number: number): Session {
    return this.sessions[number % this.sessions.length]!;
  }

  end(where: (session: Session) => boolean): number {
    const ended = this.sessions.filter((session) => session.isLive && where(session));
    for (const session of ended) session.isLive = false;
    return ended.length;
  }
}

type Step = (model: Model, users: readonly NewAccount[]) => Promise<void>;

const login =
  (user: number): Step =>
  async (model, users) => {
    const account = users[user % users.length]!;
    model.begin(account.id, await client.signIn(account));
  };

const refresh =
  (which: number): Step =>
  async (model) => {
    const session = model.pick(which);
    const reply = await client.refresh(session.current);
    expect(outcomeOf(reply)).toBe(session.isLive ? 'ok' : 'UNAUTHENTICATED');
    if (session.isLive) succeed(session, reply.data);
  };

const replay =
  (which: number, token: number): Step =>
  async (model) => {
    const session = model.pick(which);
    if (session.used.length === 0) return;
    expect(outcomeOf(await client.refresh(session.used[token % session.used.length]!))).toBe('UNAUTHENTICATED');
    session.isLive = false;
  };

const race =
  (which: number, count: number): Step =>
  async (model) => {
    const session = model.pick(which);
    const replies = await Promise.all(Array.from({ length: count }, () => client.refresh(session.current)));
    const won = replies.filter((reply) => outcomeOf(reply) === 'ok');
    expect(won).toHaveLength(session.isLive ? 1 : 0);
    if (session.isLive) succeed(session, won[0]!.data);
    session.isLive = false;
  };

const logout =
  (which: number, token: number): Step =>
  async (model) => {
    const session = model.pick(which);
    const reply = await client.logout(session.accessTokens[token % session.accessTokens.length]!);
    expect(outcomeOf(reply)).toBe(session.isLive ? 'ok' : 'UNAUTHENTICATED');
    session.isLive = false;
  };

const revoke =
  (which: number, target: number): Step =>
  async (model) => {
    const [actor, victim] = [model.pick(which), model.pick(target)];
    const outcome = outcomeOf(await client.revoke(victim.id, actor.accessTokens[0]!));
    if (!actor.isLive) expect(outcome).toBe('UNAUTHENTICATED');
    else expect(outcome).toBe(actor.userId === victim.userId ? 'ok' : 'NOT_FOUND');
    if (outcome === 'ok') victim.isLive = false;
  };

const signOutEverywhere =
  (which: number): Step =>
  async (model) => {
    const actor = model.pick(which);
    const reply = await client.signOutEverywhere(actor.accessTokens[0]!);
    expect(outcomeOf(reply)).toBe(actor.isLive ? 'ok' : 'UNAUTHENTICATED');
    if (!actor.isLive) return;
    const ended = model.end(({ userId }) => userId === actor.userId);
    expect(reply.data).toEqual({ signOutEverywhere: ended });
  };

function succeed(session: Session, data: Record<string, unknown> | null): void {
  const { accessToken, refreshToken } = (data as { refreshSession: Tokens }).refreshSession;
  expect(sessionIdOf(accessToken)).toBe(session.id);
  session.used.push(session.current);
  session.current = refreshToken;
  session.accessTokens.push(accessToken);
}

const which = fc.nat({ max: 30 });
const steps = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: which.map((user) => ({ name: `login ${user}`, run: login(user) })) },
    { weight: 6, arbitrary: which.map((n) => ({ name: `refresh ${n}`, run: refresh(n) })) },
    { weight: 2, arbitrary: fc.tuple(which, which).map(([n, t]) => ({ name: `replay ${n} ${t}`, run: replay(n, t) })) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(which, fc.integer({ min: 2, max: 5 }))
        .map(([n, c]) => ({ name: `race ${n} ${c}`, run: race(n, c) })),
    },
    { weight: 1, arbitrary: fc.tuple(which, which).map(([n, t]) => ({ name: `logout ${n} ${t}`, run: logout(n, t) })) },
    { weight: 2, arbitrary: fc.tuple(which, which).map(([n, t]) => ({ name: `revoke ${n} ${t}`, run: revoke(n, t) })) },
    { weight: 1, arbitrary: which.map((n) => ({ name: `sign out everywhere ${n}`, run: signOutEverywhere(n) })) },
  ),
  { minLength: 4, maxLength: 25 },
);

/** Every access token works exactly while its session lives. */
async function expectAccessTokens({ sessions }: Model): Promise<void> {
  await auth.learnRevocations();
  const all = sessions.flatMap(({ accessTokens, isLive }) => accessTokens.map((token) => ({ token, isLive })));
  const outcomes = await Promise.all(all.map(async ({ token }) => outcomeOf(await client.me(token))));
  expect(outcomes).toEqual(all.map(({ isLive }) => (isLive ? 'ok' : 'UNAUTHENTICATED')));
}

/** The refresh token of a live session works, and no other that was ever issued. Uses them up. */
async function expectRefreshTokens({ sessions }: Model): Promise<void> {
  for (const { current, isLive, used } of sessions) {
    expect(outcomeOf(await client.refresh(current))).toBe(isLive ? 'ok' : 'UNAUTHENTICATED');
    for (const token of used) expect(outcomeOf(await client.refresh(token))).toBe('UNAUTHENTICATED');
  }
}

describe('sessions, whatever their users do', () => {
  it('have exactly the tokens alive that the model says', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        const users = [await client.register(), await client.register()];
        const model = new Model();
        for (const user of users) model.begin(user.id, user);
        for (const { run } of sequence) {
          await run(model, users);
          await auth.learnRevocations();
        }
        await expectAccessTokens(model);
        await expectRefreshTokens(model);
      }),
      { numRuns: 30 },
    );
  });
});
