import { isIP } from 'node:net';
import type { MikroORM } from '@mikro-orm/postgresql';
import type { RequestContext } from '#shared/context/request-context.js';
import { createAccessTokenSigner } from '#shared/context/token-signer.js';
import type { FastifyRequest } from 'fastify';
import { AccountService } from './account.service.js';
import type { AuthConfig } from './config.js';
import { createPasswords } from './password.js';
import { SessionService, type Device } from './session.service.js';
import { createUserLoader, type UserLoader } from './user.loader.js';

export interface AuthContext extends RequestContext {
  readonly accounts: AccountService;
  readonly sessions: SessionService;
  readonly users: UserLoader;
  readonly device: Device;
}

const MAX_USER_AGENT_LENGTH = 512;

/** Prepares what lives long, and returns what makes each request's context of it. */
export async function createAuthContext(orm: MikroORM, config: AuthConfig) {
  const passwords = await createPasswords(config.BCRYPT_ROUNDS);
  const rules = { issuer: config.JWT_ISSUER, audience: config.JWT_AUDIENCE };
  const signAccessToken = createAccessTokenSigner(config.JWT_PRIVATE_KEY, rules, config.ACCESS_TTL);
  return (request: RequestContext, http: FastifyRequest): AuthContext => {
    const em = orm.em.fork();
    return {
      ...request,
      accounts: new AccountService(em, passwords),
      sessions: new SessionService({
        em,
        signAccessToken,
        refreshTtlMs: config.REFRESH_TTL,
        now: () => new Date(),
        log: request.log,
      }),
      users: createUserLoader(em),
      device: deviceOf(http),
    };
  };
}

/** The address is what the supergraph saw; a subgraph's own peer is always the supergraph. */
function deviceOf({ headers }: FastifyRequest): Device {
  const userAgent = headers['user-agent']?.slice(0, MAX_USER_AGENT_LENGTH) ?? null;
  const forwardedFor = headers['x-forwarded-for'];
  const ip = typeof forwardedFor === 'string' && isIP(forwardedFor) !== 0 ? forwardedFor : null;
  return { userAgent, ip };
}
