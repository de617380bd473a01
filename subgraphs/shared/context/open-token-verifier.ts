import type { Logger } from '#shared/logging/logger.js';
import { RevocationList } from './revocation-list.js';
import { openRevocationSource } from './revocation-source.js';
import { createTokenVerifier, type TokenRules, type TokenVerifier } from './token-verifier.js';

export interface TokenSettings {
  readonly JWT_PUBLIC_KEY: string;
  readonly JWT_ISSUER: string;
  readonly JWT_AUDIENCE: string;
  readonly SERVICE_PUBLIC_KEY?: string | undefined;
  readonly AUTH_URL: string;
  readonly REVOCATION_LAG: number;
  readonly REVOCATION_GRACE: number;
}

export interface TokenVerifierParts {
  readonly config: TokenSettings;
  readonly log: Logger;
  defer(name: string, release: () => unknown): void;
}

export function tokenRules({
  JWT_ISSUER,
  JWT_AUDIENCE,
}: Pick<TokenSettings, 'JWT_ISSUER' | 'JWT_AUDIENCE'>): TokenRules {
  return { issuer: JWT_ISSUER, audience: JWT_AUDIENCE };
}

/** The check of access tokens for every process but the auth service, which knows revocations at first hand. */
export function openTokenVerifier({ config, log, defer }: TokenVerifierParts): TokenVerifier {
  const source = openRevocationSource(config.AUTH_URL, Math.floor(config.REVOCATION_LAG / 3));
  defer('revocation source', () => source.close());
  const list = new RevocationList({
    source: source.read,
    lagMs: config.REVOCATION_LAG,
    graceMs: config.REVOCATION_GRACE,
    log,
  });
  void list.run();
  defer('revocations', () => list.stop());
  const keys = { accessKeys: config.JWT_PUBLIC_KEY, serviceKeys: config.SERVICE_PUBLIC_KEY };
  return createTokenVerifier(keys, tokenRules(config), list);
}
