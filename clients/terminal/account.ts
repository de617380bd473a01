import type { GraphqlApi } from './graphql-api.js';
import type { TokenFile } from './token-file.js';

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

export interface AccountParts {
  readonly api: GraphqlApi;
  readonly tokens: TokenFile;
}

const PAIR = 'accessToken refreshToken';
const LOGIN = `mutation ($input: LoginInput!) { tokens: login(input: $input) { ${PAIR} } }`;
const REGISTER = `mutation ($input: RegisterInput!) { tokens: register(input: $input) { ${PAIR} } }`;
const REFRESH = `mutation ($input: RefreshSessionInput!) { tokens: refreshSession(input: $input) { ${PAIR} } }`;
/** A token with less left than this is renewed before it is used. */
const MARGIN_MS = 30_000;

/** A signed-in account, whose access token is renewed without anybody noticing. */
export class Account {
  #renewing: Promise<void> | undefined;

  private constructor(
    private readonly parts: AccountParts,
    readonly email: string,
    private tokens: Tokens,
  ) {}

  /** Throws ApiError UNAUTHENTICATED for a wrong password and for an unknown email. */
  static login(parts: AccountParts, credentials: Credentials): Promise<Account> {
    return Account.#open(LOGIN, parts, credentials);
  }

  /** Throws ApiError CONFLICT for an email that has an account. */
  static register(parts: AccountParts, credentials: Credentials): Promise<Account> {
    return Account.#open(REGISTER, parts, credentials);
  }

  /** By the refresh token that was kept. Throws ApiError UNAUTHENTICATED when its session has ended. */
  static async resume(parts: AccountParts, kept: { email: string; refreshToken: string }): Promise<Account> {
    const account = new Account(parts, kept.email, { accessToken: '', refreshToken: kept.refreshToken });
    await account.renew();
    return account;
  }

  static async #open(query: string, parts: AccountParts, credentials: Credentials): Promise<Account> {
    const { tokens } = await parts.api.send<{ tokens: Tokens }>({ query, variables: { input: credentials } });
    const account = new Account(parts, credentials.email, tokens);
    await account.#keep(tokens);
    return account;
  }

  /** A token that holds for a while yet. */
  async accessToken(): Promise<string> {
    if (expiryOf(this.tokens.accessToken) - MARGIN_MS < Date.now()) await this.renew();
    return this.tokens.accessToken;
  }

  /**
   * A refresh token is good for one use, and its second use ends the session: who asks while it is under way waits for that one.
   * Another client of the same user may have used this one meanwhile; the file then has the one that came of it.
   */
  renew(): Promise<void> {
    this.#renewing ??= this.#renew().finally(() => (this.#renewing = undefined));
    return this.#renewing;
  }

  async #renew(): Promise<void> {
    const { api, tokens: file } = this.parts;
    const kept = await file.find(api.url);
    const refreshToken = kept?.email === this.email ? kept.refreshToken : this.tokens.refreshToken;
    const variables = { input: { refreshToken } };
    const { tokens } = await api.send<{ tokens: Tokens }>({ query: REFRESH, variables });
    await this.#keep(tokens);
  }

  async #keep(tokens: Tokens): Promise<void> {
    this.tokens = tokens;
    const { api, tokens: file } = this.parts;
    await file.keep(api.url, { email: this.email, refreshToken: tokens.refreshToken });
  }
}

/** Read from the token, which nobody here checks: the platform does. */
function expiryOf(accessToken: string): number {
  const [, claims = ''] = accessToken.split('.');
  const { exp } = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8')) as { exp: number };
  return exp * 1_000;
}
