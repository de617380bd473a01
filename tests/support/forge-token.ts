import { createPrivateKey, createPublicKey, randomUUID, sign } from 'node:crypto';
import { thumbprint } from '#shared/context/key-set.js';
import type { KeyPair } from '../../infra/init/key-pair.js';

export type Json = Record<string, unknown>;

export interface TokenParts {
  readonly header?: Json;
  readonly claims?: Json;
}

export interface Subject {
  readonly userId: string;
  readonly sessionId: string;
}

export function kidOf({ publicKey }: KeyPair): string {
  return thumbprint(createPublicKey(publicKey));
}

export function encoded(part: unknown): string {
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');
}

/** Header and claims as the auth service writes them, changed as told; `undefined` takes a member away. */
export function tokenInput(pair: KeyPair, subject: Subject, { header, claims }: TokenParts = {}): string {
  const now = Math.floor(Date.now() / 1000);
  return [
    encoded({ alg: 'RS256', typ: 'at+jwt', kid: kidOf(pair), ...header }),
    encoded({
      email: 'ana@example.com',
      role: 'user',
      sid: subject.sessionId,
      iat: now,
      exp: now + 600,
      aud: 'llm-supergraph',
      iss: 'llm-supergraph',
      sub: subject.userId,
      jti: randomUUID(),
      ...claims,
    }),
  ].join('.');
}

/** A token with a good RS256 signature of this key, whatever it says. */
export function forgeToken(pair: KeyPair, subject: Subject, parts: TokenParts = {}): string {
  const input = tokenInput(pair, subject, parts);
  return `${input}.${sign('sha256', Buffer.from(input), createPrivateKey(pair.privateKey)).toString('base64url')}`;
}
