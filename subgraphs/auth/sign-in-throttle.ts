import type { GraphQLResolveInfo } from 'graphql';
import { getGraphQLRateLimiter } from 'graphql-rate-limit';
import { AppError } from '#shared/errors/app-error.js';
import { FailureStore } from './failure-store.js';
import { OneAtATime } from '#shared/concurrency/one-at-a-time.js';

export interface SignInAttempt {
  /** The account in the form in which it is compared, whether it exists or not. */
  readonly account: string;
  /** An address at which the account has signed in before; null for any other. */
  readonly knownAddress: string | null;
  readonly info: GraphQLResolveInfo;
}

const WINDOW = '15m';

/**
 * Failed attempts to sign in, limited per account. An address where the account has been signed in has a budget of its own,
 * and all others share one: who guesses from elsewhere can use up the strangers' budget, and the owner, at home, still
 * gets in. The library reads its store before it writes to it, so the attempts on one budget take turns.
 */
export class SignInThrottle {
  readonly #turns = new OneAtATime();
  readonly #limited = getGraphQLRateLimiter({
    store: new FailureStore(),
    identifyContext: (identity: string) => identity,
  });

  constructor(private readonly failuresPerWindow: number) {}

  /** Runs the attempt. Throws RATE_LIMITED without running it when the budget is used up, and what the attempt throws. */
  async attempt<T>({ account, knownAddress, info }: SignInAttempt, signIn: () => Promise<T>): Promise<T> {
    const identity = JSON.stringify([account, knownAddress]);
    const call = { parent: undefined, args: {}, context: identity, info };
    const rule = { max: this.failuresPerWindow, window: WINDOW };
    return this.#turns.run(identity, async () => {
      if ((await this.#limited(call, { ...rule, readOnly: true })) !== undefined) {
        throw new AppError('RATE_LIMITED', 'Too many failed attempts to sign in to this account; try again later.');
      }
      try {
        return await signIn();
      } catch (error) {
        // An outage is nobody's guess.
        if (error instanceof AppError && error.code === 'UNAUTHENTICATED') await this.#limited(call, rule);
        throw error;
      }
    });
  }
}
