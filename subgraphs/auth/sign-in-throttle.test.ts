import { describe, expect, it } from '@jest/globals';
import type { GraphQLResolveInfo } from 'graphql';
import { AppError } from '#shared/errors/app-error.js';
import { SignInThrottle } from './sign-in-throttle.js';

const MAX = 5;
const info = { fieldName: 'login' } as GraphQLResolveInfo;

/** An account with a password, behind a throttle. */
class Account {
  readonly throttle = new SignInThrottle(MAX);
  tried = 0;

  async guess(
    password: string,
    { account = 'ana@example.com', knownAddress = null as string | null } = {},
  ): Promise<string> {
    const attempt = { account, knownAddress, info };
    return this.throttle
      .attempt(attempt, async () => {
        this.tried += 1;
        await new Promise((resolve) => setImmediate(resolve));
        if (password !== 'right') throw new AppError('UNAUTHENTICATED', 'The email or the password is wrong.');
        return 'in';
      })
      .catch((error: AppError) => error.code);
  }

  async guessOften(count: number, password: string, from = {}): Promise<string[]> {
    return Promise.all(Array.from({ length: count }, () => this.guess(password, from)));
  }
}

describe('SignInThrottle', () => {
  it('lets strangers guess so often in all, one after the other or at once', async () => {
    for (const atOnce of [true, false]) {
      const ana = new Account();
      if (atOnce) await ana.guessOften(100, 'wrong');
      else for (let i = 0; i < 20; i += 1) await ana.guess('wrong');
      expect(ana.tried).toBe(MAX);
      expect(await ana.guess('right')).toBe('RATE_LIMITED');
      expect(ana.tried).toBe(MAX);
    }
  });

  it('lets the owner in at a known address meanwhile, which has a budget of its own', async () => {
    const ana = new Account();
    await ana.guessOften(MAX, 'wrong');
    const home = { knownAddress: '192.0.2.7' };
    expect(await ana.guess('right', home)).toBe('in');
    await ana.guessOften(MAX, 'wrong', home);
    expect(await ana.guess('right', home)).toBe('RATE_LIMITED');
    expect(await ana.guess('right', { knownAddress: '192.0.2.8' })).toBe('in');
  });

  it('counts failures only: who signs in again and again is never stopped', async () => {
    const ana = new Account();
    expect(new Set(await ana.guessOften(50, 'right'))).toEqual(new Set(['in']));
    await ana.guessOften(MAX - 1, 'wrong');
    expect(await ana.guess('right')).toBe('in');
    expect(await ana.guess('wrong')).toBe('UNAUTHENTICATED');
    expect(await ana.guess('right')).toBe('RATE_LIMITED');
  });

  it('does not take an outage for a wrong guess', async () => {
    const { throttle } = new Account();
    const attempt = { account: 'ana@example.com', knownAddress: null, info };
    for (let i = 0; i < MAX * 2; i += 1) {
      const failed = throttle.attempt(attempt, () => Promise.reject(new Error('the database is away')));
      await expect(failed).rejects.toThrow('the database is away');
    }
    expect(await throttle.attempt(attempt, async () => 'in')).toBe('in');
  });

  it('mixes no account up with another, whatever they are called', async () => {
    const ana = new Account();
    await ana.guessOften(MAX, 'wrong', { account: 'a', knownAddress: 'b' });
    for (const other of [
      { account: 'a","b' },
      { account: 'a' },
      { account: 'A', knownAddress: 'b' },
      { account: '__proto__' },
    ]) {
      expect(await ana.guess('right', other)).toBe('in');
    }
  });
});
