import jwt from 'jsonwebtoken';
import { z } from 'zod';
import { invalidToken } from './invalid-token.js';
import { parseKeySet, type VerificationKey } from './key-set.js';
import { PROMPT_STORAGES } from './prompt-storage.js';
import type { RevocationCheck } from './revocation.js';
import type { UserViewer, Viewer } from './viewer.js';

/** The `typ` header of our tokens: RFC 9068 for users, our own for services. A token of one kind never passes as the other. */
export const ACCESS_TOKEN_TYPE = 'at+jwt';
export const SERVICE_TOKEN_TYPE = 'service+jwt';

export interface TokenRules {
  readonly issuer: string;
  readonly audience: string;
}

export interface TokenKeys {
  /** PEM public keys of the auth service, which signs access tokens. */
  readonly accessKeys: string;
  /** PEM public keys that sign service tokens; absent where no service ever calls. */
  readonly serviceKeys?: string | undefined;
}

export type TokenVerifier = (token: string) => Viewer;

/** Clocks differ by so much without anybody being at fault. */
export const CLOCK_TOLERANCE_SEC = 5;

/** Exactly what our signer writes: nothing that names a key or asks to be understood (`crit`, RFC 7515 §4.1.11). */
const tokenHeader = z.strictObject({
  alg: z.literal('RS256'),
  typ: z.enum([ACCESS_TOKEN_TYPE, SERVICE_TOKEN_TYPE]),
  kid: z.string(),
});
const issued = z.object({ iat: z.number() });
const accessClaims = z.object({
  sub: z.uuid(),
  sid: z.uuid(),
  jti: z.string().min(1),
  iat: z.number(),
  exp: z.number(),
  email: z.string(),
  role: z.enum(['user', 'admin']),
  /** Tokens from before there was such a wish do not have it. */
  prompt_storage: z.enum(PROMPT_STORAGES).default('plain'),
});
const serviceClaims = z.object({ sub: z.string().min(1), jti: z.string().min(1), iat: z.number(), exp: z.number() });

/**
 * Builds the check of bearer tokens: RS256 only, a `kid` of ours, no other header, `typ`, `iss`, `aud`, `iat` and `exp` (RFC 8725), and that
 * a user's token is not revoked. The check throws UNAUTHENTICATED with one message for every fault.
 */
export function createTokenVerifier(keys: TokenKeys, rules: TokenRules, revocations?: RevocationCheck): TokenVerifier {
  const accessKeys = parseKeySet(keys.accessKeys);
  const serviceKeys = parseKeySet(keys.serviceKeys ?? '');
  if (accessKeys.length === 0) throw new Error('There is no key to check access tokens with.');
  const checked = (token: string): CheckedToken => {
    try {
      const { typ, kid } = headerOf(token);
      return typ === ACCESS_TOKEN_TYPE
        ? userOf(verify(token, kid, accessKeys, rules))
        : serviceOf(verify(token, kid, serviceKeys, rules));
    } catch (cause) {
      throw invalidToken(cause);
    }
  };
  return (token) => {
    const { viewer, issuedAtSec } = checked(token);
    if (viewer.kind === 'user') {
      revocations?.assertLive({ userId: viewer.id, sessionId: viewer.sessionId, issuedAtSec });
    }
    return viewer;
  };
}

interface CheckedToken {
  readonly viewer: Viewer;
  readonly issuedAtSec: number;
}

function headerOf(token: string): z.output<typeof tokenHeader> {
  const decoded = jwt.decode(token, { complete: true });
  // Base64url of 256 bytes leaves 4 bits over: without this, 16 spellings of the last character would be one signature.
  const signature = Buffer.from(decoded?.signature ?? '', 'base64url').toString('base64url');
  if (decoded?.signature !== signature) throw new Error('the signature is not written in the canonical way');
  return tokenHeader.parse(decoded.header);
}

function verify(token: string, kid: string, keys: VerificationKey[], rules: TokenRules): unknown {
  const found = keys.find((candidate) => candidate.kid === kid);
  if (!found) throw new Error('unknown kid');
  const payload = jwt.verify(token, found.key, {
    algorithms: ['RS256'],
    issuer: rules.issuer,
    audience: rules.audience,
    clockTolerance: CLOCK_TOLERANCE_SEC,
  });
  // The library looks at `exp` and `nbf` only; a token from the future is a forged or a broken one.
  const { iat } = issued.parse(payload);
  if (iat > Date.now() / 1000 + CLOCK_TOLERANCE_SEC) throw new Error('issued in the future');
  return payload;
}

function userOf(payload: unknown): CheckedToken {
  const { sub, sid, email, role, prompt_storage: promptStorage, iat } = accessClaims.parse(payload);
  const viewer: UserViewer = { kind: 'user', id: sub, email, role, sessionId: sid, promptStorage };
  return { viewer, issuedAtSec: iat };
}

function serviceOf(payload: unknown): CheckedToken {
  const { sub, iat } = serviceClaims.parse(payload);
  return { viewer: { kind: 'service', name: sub }, issuedAtSec: iat };
}
