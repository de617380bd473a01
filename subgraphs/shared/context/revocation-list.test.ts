import { afterEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createLogger } from '#shared/logging/logger.js';
import { RevocationList } from './revocation-list.js';
import { sessionSubject, userSubject, type IssuedToken, type Revocation, type RevocationPage } from './revocation.js';

const LAG_MS = 9_000;
const GRACE_MS = 60_000;
const LIFETIME_MS = 900_000;
const OVERLAP_MS = 10_000;
const START_MS = 1_700_000_000_000;

let lists: RevocationList[] = [];
afterEach(() => {
  for (const list of lists) list.stop();
  lists = [];
});

/** An auth service in memory, as the source of one list, both on one clock that only the test moves. */
class World {
  nowMs = START_MS;
  isSilent = false;
  readonly asked: (string | null)[] = [];
  readonly made: { atMs: number; entry: Revocation }[] = [];
  readonly lines: string[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly list = this.newList();

  newList(lagMs = LAG_MS): RevocationList {
    const list = new RevocationList({
      source: (since) => this.page(since),
      lagMs,
      graceMs: GRACE_MS,
      log: createLogger({ level: 'info', service: 'test' }, { write: (line) => void this.lines.push(line) }),
      now: () => this.nowMs,
    });
    lists.push(list);
    return list;
  }

  async page(since: string | null): Promise<RevocationPage> {
    this.asked.push(since);
    for (const told of this.#waiting.splice(0)) told();
    if (this.isSilent) throw new Error('connect ECONNREFUSED');
    const from = since === null ? 0 : Date.parse(since);
    return {
      asOf: new Date(this.nowMs - OVERLAP_MS).toISOString(),
      revocations: this.made.filter(({ atMs }) => atMs >= from).map(({ entry }) => entry),
    };
  }

  /** Resolves when the list asks again. */
  nextQuestion(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  endSession(sessionId: string): void {
    this.#revoke(sessionSubject(sessionId), null);
  }

  changeRole(userId: string): void {
    this.#revoke(userSubject(userId), Math.floor(this.nowMs / 1000));
  }

  #revoke(subject: string, issuedUntilSec: number | null): void {
    this.made.push({ atMs: this.nowMs, entry: { subject, issuedUntilSec, expiresAtMs: this.nowMs + LIFETIME_MS } });
  }

  newToken(token: Partial<IssuedToken> = {}): IssuedToken {
    return { userId: randomUUID(), sessionId: randomUUID(), issuedAtSec: Math.floor(this.nowMs / 1000), ...token };
  }

  /** `live`, or the code with which the list refuses the token. */
  stateOf(token: IssuedToken, list = this.list): string {
    try {
      list.assertLive(token);
      return 'live';
    } catch (error) {
      return (error as { code: string }).code;
    }
  }
}

describe('RevocationList', () => {
  it('refuses the tokens of an ended session from the next reading on, and nobody else’s', async () => {
    const world = new World();
    const [ended, other] = [world.newToken(), world.newToken()];
    await world.list.read();
    world.endSession(ended.sessionId);
    expect(world.stateOf(ended)).toBe('live');
    await world.list.read();
    expect([world.stateOf(ended), world.stateOf(other)]).toEqual(['UNAUTHENTICATED', 'live']);
    expect(world.stateOf({ ...ended, issuedAtSec: ended.issuedAtSec + 100 })).toBe('UNAUTHENTICATED');
  });

  it('refuses tokens that carry a role from before it changed, and takes later ones', async () => {
    const world = new World();
    const before = world.newToken();
    world.changeRole(before.userId);
    await world.list.read();
    expect(world.stateOf(before)).toBe('UNAUTHENTICATED');
    expect(world.stateOf({ ...before, issuedAtSec: before.issuedAtSec + 1 })).toBe('live');
  });

  it('keeps the later of two changes of a role, in whatever order pages bring them', async () => {
    const world = new World();
    const token = world.newToken();
    world.changeRole(token.userId);
    world.nowMs += 5_000;
    world.changeRole(token.userId);
    const between = { ...token, issuedAtSec: token.issuedAtSec + 3 };
    await world.list.read();
    expect(world.stateOf(between)).toBe('UNAUTHENTICATED');
    world.made.reverse();
    await world.list.read();
    expect(world.stateOf(between)).toBe('UNAUTHENTICATED');
  });

  it('asks for what came after the page before, and stands pages that overlap', async () => {
    const world = new World();
    const [first, second] = [world.newToken(), world.newToken()];
    world.endSession(first.sessionId);
    await world.list.read();
    world.nowMs += 1_000;
    world.endSession(second.sessionId);
    await world.list.read();
    expect(world.asked).toEqual([null, new Date(START_MS - OVERLAP_MS).toISOString()]);
    expect([world.stateOf(first), world.stateOf(second)]).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED']);
  });

  it('remembers a revocation for as long as a token it means can live, and no longer', async () => {
    const world = new World();
    const token = world.newToken();
    world.endSession(token.sessionId);
    await world.list.read();
    world.made.length = 0;
    for (const [laterMs, state] of [
      [LIFETIME_MS, 'UNAUTHENTICATED'],
      [LIFETIME_MS + 1, 'live'],
    ] as const) {
      world.nowMs = START_MS + laterMs;
      await world.list.read();
      expect(world.stateOf(token)).toBe(state);
    }
  });

  it('goes on by what it knows while the source is silent, until the grace is over', async () => {
    const world = new World();
    const [ended, other] = [world.newToken(), world.newToken()];
    world.endSession(ended.sessionId);
    await world.list.read();
    world.isSilent = true;
    await expect(world.list.read()).rejects.toThrow('ECONNREFUSED');
    world.nowMs = START_MS + GRACE_MS;
    expect([world.stateOf(ended), world.stateOf(other)]).toEqual(['UNAUTHENTICATED', 'live']);
    world.nowMs += 1;
    expect([world.stateOf(ended), world.stateOf(other)]).toEqual(['SERVICE_UNAVAILABLE', 'SERVICE_UNAVAILABLE']);
    world.isSilent = false;
    await world.list.read();
    expect([world.stateOf(ended), world.stateOf(other)]).toEqual(['UNAUTHENTICATED', 'live']);
  });

  it('counts the grace from when the last good reading began', async () => {
    const world = new World();
    const token = world.newToken();
    const reading = world.list.read();
    world.nowMs += 5_000;
    await reading;
    world.nowMs = START_MS + GRACE_MS + 1;
    expect(world.stateOf(token)).toBe('SERVICE_UNAVAILABLE');
  });
});

describe('a RevocationList that has not read yet', () => {
  it('vouches for no token from before it began: it may have been revoked', async () => {
    const world = new World();
    world.isSilent = true;
    const old = world.newToken({ issuedAtSec: START_MS / 1000 - 60 });
    expect(world.stateOf(old)).toBe('SERVICE_UNAVAILABLE');
    await expect(world.list.read()).rejects.toThrow('ECONNREFUSED');
    expect(world.stateOf(old)).toBe('SERVICE_UNAVAILABLE');
    world.isSilent = false;
    await world.list.read();
    expect(world.stateOf(old)).toBe('live');
  });

  it('takes tokens from after it began for as long as the grace', () => {
    const world = new World();
    world.nowMs += 2_000;
    const token = world.newToken();
    expect(world.stateOf(token)).toBe('live');
    world.nowMs = START_MS + GRACE_MS + 1;
    expect(world.stateOf(token)).toBe('SERVICE_UNAVAILABLE');
  });
});

describe('RevocationList.run', () => {
  it('reads at once, again and again, and no more when stopped', async () => {
    const world = new World();
    const list = world.newList(30);
    const running = list.run();
    await world.nextQuestion();
    await world.nextQuestion();
    list.stop();
    await running;
    const asked = world.asked.length;
    await new Promise((resolve) => setImmediate(resolve));
    expect(world.asked).toHaveLength(asked);
  });

  it('says nothing of a reading that is cut off by its stop', async () => {
    const world = new World();
    const list = world.newList(15);
    const running = list.run();
    await world.nextQuestion();
    world.isSilent = true;
    const cutOff = world.nextQuestion();
    await cutOff;
    list.stop();
    await running;
    expect(world.lines).toEqual([]);
  });

  it('goes on after failures, and logs an outage and its end once each', async () => {
    const world = new World();
    world.isSilent = true;
    const list = world.newList(15);
    const running = list.run();
    for (let failures = 0; failures < 3; failures += 1) await world.nextQuestion();
    world.isSilent = false;
    for (let readings = 0; readings < 3; readings += 1) await world.nextQuestion();
    list.stop();
    await running;
    expect(world.lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
      'revocations cannot be read',
      'revocations are read again',
    ]);
  });
});
