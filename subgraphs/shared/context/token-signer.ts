import { createPrivateKey, createPublicKey, randomUUID } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { thumbprint } from './key-set.js';
import { ACCESS_TOKEN_TYPE, SERVICE_TOKEN_TYPE, type TokenRules } from './token-verifier.js';
import type { UserViewer } from './viewer.js';

type Sign = (claims: object, subject: string, ttlSec: number) => string;

function createSigner(privateKeyPem: string, rules: TokenRules, type: string): Sign {
  const key = createPrivateKey(privateKeyPem);
  const kid = thumbprint(createPublicKey(key));
  return (claims, subject, ttlSec) =>
    jwt.sign(claims, key, {
      algorithm: 'RS256',
      header: { alg: 'RS256', typ: type, kid },
      issuer: rules.issuer,
      audience: rules.audience,
      subject,
      jwtid: randomUUID(),
      expiresIn: ttlSec,
    });
}

/**
 * Signs access tokens: JWT of RFC 9068's kind, RS256. Only the auth service holds the key for it. A token that must not be taken
 * for one from `afterSec` or before is dated to the second after, which verifiers allow for a few seconds ahead of their clocks.
 */
export function createAccessTokenSigner(privateKeyPem: string, rules: TokenRules, ttlMs: number) {
  const sign = createSigner(privateKeyPem, rules, ACCESS_TOKEN_TYPE);
  return ({ id, email, role, sessionId, promptStorage }: Omit<UserViewer, 'kind'>, afterSec = 0): string => {
    const iat = Math.max(Math.floor(Date.now() / 1000), afterSec + 1);
    return sign({ email, role, sid: sessionId, prompt_storage: promptStorage, iat }, id, Math.floor(ttlMs / 1000));
  };
}

const SERVICE_TOKEN_TTL_SEC = 60;

/** A signature costs a millisecond; a token that has most of its life before it is as good as a new one. */
const SERVICE_TOKEN_USED_MS = 20_000;

/** Gives the short-lived token with which a service calls another on its own behalf; it is valid for 40 s at least. */
export function createServiceTokenSigner(privateKeyPem: string, rules: TokenRules, service: string): () => string {
  const sign = createSigner(privateKeyPem, rules, SERVICE_TOKEN_TYPE);
  let token: string | undefined;
  let signedAt = 0;
  return () => {
    const now = Date.now();
    if (token === undefined || Math.abs(now - signedAt) > SERVICE_TOKEN_USED_MS) {
      token = sign({}, service, SERVICE_TOKEN_TTL_SEC);
      signedAt = now;
    }
    return token;
  };
}
