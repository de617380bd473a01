import { isIP } from 'node:net';
import type { MikroORM } from '@mikro-orm/postgresql';
import { tokenRules } from '#shared/context/open-token-verifier.js';
import type { RequestContext } from '#shared/context/request-context.js';
import { createAccessTokenSigner } from '#shared/context/token-signer.js';
import type { FastifyRequest } from 'fastify';
import { AccountService } from './account.service.js';
import type { AuthConfig } from './config.js';
import { createPasswords } from './password.js';
import { RevocationService } from './revocation.service.js';
import { SessionService, type Device } from './session.service.js';
import { SignInThrottle } from './sign-in-throttle.js';
import { createUserLoader, type UserLoader } from './user.loader.js';

export interface AuthContext extends RequestContext {
  readonly accounts: AccountService;
  readonly sessions: SessionService;
  readonly revocations: RevocationService;
  readonly users: UserLoader;
  readonly device: Device;
  readonly throttle: SignInThrottle;
}

const MAX_USER_AGENT_LENGTH = 512;
const now = (): Date => new Date();

/** Prepares what lives long, and returns what makes each request's context of it. */
export async function createAuthContext(orm: MikroORM, config: AuthConfig) {
  const passwords = await createPasswords(config.BCRYPT_ROUNDS);
  const signAccessToken = createAccessTokenSigner(config.JWT_PRIVATE_KEY, tokenRules(config), config.ACCESS_TTL);
  const throttle = new SignInThrottle(config.SIGN_IN_FAILURES);
  return (request: RequestContext, http: Pick<FastifyRequest, 'headers'>): AuthContext => {
    const em = orm.em.fork();
    return {
      ...request,
      accounts: new AccountService(em, passwords),
      sessions: new SessionService({
        em,
        signAccessToken,
        refreshTtlMs: config.REFRESH_TTL,
        now,
        log: request.log,
      }),
      revocations: new RevocationService({ em, accessTtlMs: config.ACCESS_TTL, now }),
      users: createUserLoader(em),
      device: deviceOf(http),
      throttle,
    };
  };
}

/**
 * The address is what the supergraph saw; a subgraph's own peer is always the supergraph. PostgreSQL's `inet` has no zones,
 * which link-local addresses come with.
 */
function deviceOf({ headers }: Pick<FastifyRequest, 'headers'>): Device {
  const userAgent = headers['user-agent']?.slice(0, MAX_USER_AGENT_LENGTH) ?? null;
  const address = String(headers['x-forwarded-for']).replace(/%.*$/, '');
  const ip = isIP(address) === 0 ? null : address;
  return { userAgent, ip };
}
