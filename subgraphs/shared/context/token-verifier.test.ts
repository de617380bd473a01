import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomUUID,
  sign as signBytes,
  type KeyObject,
} from 'node:crypto';
import { createKeyPair, type KeyPair } from '../../../infra/init/key-pair.js';
import { parseKeySet, thumbprint } from './key-set.js';
import { createAccessTokenSigner, createServiceTokenSigner } from './token-signer.js';
import { createTokenVerifier, type TokenVerifier } from './token-verifier.js';

const RULES = { issuer: 'llm-supergraph', audience: 'llm-supergraph' };
const USER = {
  id: randomUUID(),
  email: 'ana@example.com',
  role: 'user',
  sessionId: randomUUID(),
  promptStorage: 'plain',
} as const;

let access: KeyPair;
let service: KeyPair;
let older: KeyPair;
let verify: TokenVerifier;
beforeAll(async () => {
  [access, service, older] = await Promise.all([createKeyPair(), createKeyPair(), createKeyPair()]);
  verify = createTokenVerifier({ accessKeys: access.publicKey, serviceKeys: service.publicKey }, RULES);
});

const accessToken = (pair = access): string => createAccessTokenSigner(pair.privateKey, RULES, 60_000)(USER);
const pemOf = (key: KeyObject): string => String(key.export({ type: 'spki', format: 'pem' }));
const kidOf = ({ publicKey }: KeyPair): string => thumbprint(createPublicKey(publicKey));

/** A token that the auth service's own key signed, with whatever in it. */
function signed(change: { header?: Record<string, unknown>; claims?: Record<string, unknown> }): string {
  const now = Math.floor(Date.now() / 1000);
  const header = { alg: 'RS256', typ: 'at+jwt', kid: kidOf(access), ...change.header };
  const claims = {
    ...{ iss: RULES.issuer, aud: RULES.audience, sub: USER.id, sid: USER.sessionId, jti: randomUUID() },
    ...{ email: USER.email, role: USER.role, iat: now, exp: now + 60 },
    ...change.claims,
  };
  const input = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const signature = signBytes('sha256', Buffer.from(input), createPrivateKey(access.privateKey));
  return `${input}.${signature.toString('base64url')}`;
}

function codeOf(token: string, check = verify): string {
  try {
    return check(token).kind;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe('createTokenVerifier', () => {
  it('takes users’ and services’ tokens for what they are', () => {
    expect(verify(accessToken())).toEqual({ kind: 'user', ...USER });
    expect(verify(createServiceTokenSigner(service.privateKey, RULES, 'image')())).toEqual({
      kind: 'service',
      name: 'image',
    });
    expect(codeOf(signed({}))).toBe('user');
  });

  it('is given the same service token for as long as it has most of its life before it', () => {
    jest.useFakeTimers({ now: 1_790_000_000_000, doNotFake: ['nextTick'] });
    try {
      const sign = createServiceTokenSigner(service.privateKey, RULES, 'image');
      const first = sign();
      jest.setSystemTime(1_790_000_000_000 + 20_000);
      expect(sign()).toBe(first);
      jest.setSystemTime(1_790_000_000_000 + 20_001);
      expect(sign()).not.toBe(first);
      expect(verify(sign()).kind).toBe('service');
    } finally {
      jest.useRealTimers();
    }
  });

  it('takes a wish for privacy as the token says it, none for plain, and no other', () => {
    const wished = createAccessTokenSigner(access.privateKey, RULES, 60_000)({ ...USER, promptStorage: 'hash' });
    expect(verify(wished)).toMatchObject({ promptStorage: 'hash' });
    expect(verify(signed({}))).toMatchObject({ promptStorage: 'plain' });
    const others = ['', 'HASH', 'none', null, true, ['hash']];
    const codes = others.map((prompt_storage) => codeOf(signed({ claims: { prompt_storage } })));
    expect(codes).toEqual(others.map(() => 'UNAUTHENTICATED'));
  });

  it('is given tokens that are dated after the second asked for, and live as long from then', () => {
    const sign = createAccessTokenSigner(access.privateKey, RULES, 60_000);
    const now = Math.floor(Date.now() / 1000);
    const token = sign(USER, now + 1);
    const { iat, exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    expect([iat - now, exp - now]).toEqual([2, 62]);
    expect(codeOf(token)).toBe('user');
  });

  it('takes a token by either key while two are in use, and by none that was withdrawn', () => {
    const both = createTokenVerifier({ accessKeys: `${access.publicKey}\n${older.publicKey}` }, RULES);
    expect([access, older].map((pair) => codeOf(accessToken(pair), both))).toEqual(['user', 'user']);
    expect([access, older].map((pair) => codeOf(accessToken(pair)))).toEqual(['user', 'UNAUTHENTICATED']);
  });

  it('takes no key of one kind for a token of the other', () => {
    const asService = createServiceTokenSigner(access.privateKey, RULES, 'image')();
    const asUser = accessToken(service);
    expect([asService, asUser].map((token) => codeOf(token))).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED']);
  });

  it('allows clocks to differ by 5 s, and no more', () => {
    const now = Math.floor(Date.now() / 1000);
    const at = (claims: Record<string, number>): string => codeOf(signed({ claims }));
    expect(at({ iat: now - 60, exp: now - 1 })).toBe('user');
    expect(at({ iat: now - 60, exp: now - 8 })).toBe('UNAUTHENTICATED');
    expect(at({ iat: now + 3 })).toBe('user');
    expect(at({ iat: now + 20 })).toBe('UNAUTHENTICATED');
  });

  it.each<[what: string, header: Record<string, unknown>]>([
    ['an extension it must understand', { crit: ['exp'] }],
    ['an unencoded payload', { b64: false, crit: ['b64'] }],
    ['a key of its own', { jwk: { kty: 'RSA' } }],
    ['an address of keys', { jku: 'https://example.com/jwks.json' }],
    ['a certificate', { x5c: ['MIIB'] }],
    ['the address of a certificate', { x5u: 'https://example.com/cert.pem' }],
    ['a content type', { cty: 'JWT' }],
    ['a list of kids', { kid: ['x'] }],
  ])('takes no header with %s, whoever signed it', (_what, header) => {
    expect(codeOf(signed({ header }))).toBe('UNAUTHENTICATED');
  });

  it('takes one spelling of a signature: 63 other last characters are refused, also those of the same bytes', () => {
    const token = accessToken();
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const taken = alphabet.split('').filter((last) => codeOf(token.slice(0, -1) + last) === 'user');
    expect(taken).toEqual([token.at(-1)]);
  });

  it.each(['', '.', '..', '...', 'a.b', 'a.b.c', 'a.b.c.d', '{}', 'null', `${'a'.repeat(20_000)}.b.c`])(
    'refuses %j',
    (text) => {
      expect(codeOf(text)).toBe('UNAUTHENTICATED');
    },
  );

  it('refuses a token that is signed with the public key as if it were a password', () => {
    for (const secret of [access.publicKey, access.publicKey.trim()]) {
      const [header, payload] = [{ alg: 'HS256', typ: 'at+jwt', kid: kidOf(access) }, { sub: USER.id }].map((part) =>
        Buffer.from(JSON.stringify(part)).toString('base64url'),
      );
      const mac = createHmac('sha256', secret).update(`${header}.${payload}`).digest('base64url');
      expect(codeOf(`${header}.${payload}.${mac}`)).toBe('UNAUTHENTICATED');
    }
  });

  it('asks of a user’s token whether it was revoked, and of no service’s', () => {
    const asked: unknown[] = [];
    const keys = { accessKeys: access.publicKey, serviceKeys: service.publicKey };
    const check = createTokenVerifier(keys, RULES, { assertLive: (token) => void asked.push(token) });
    check(createServiceTokenSigner(service.privateKey, RULES, 'image')());
    expect(asked).toEqual([]);
    check(accessToken());
    expect(asked).toEqual([{ userId: USER.id, sessionId: USER.sessionId, issuedAtSec: expect.any(Number) }]);
  });

  it('does not begin without a key', () => {
    expect(() => createTokenVerifier({ accessKeys: '' }, RULES)).toThrow('no key');
  });
});

describe('parseKeySet', () => {
  it('finds each key of a text, and names it by its RFC 7638 thumbprint', () => {
    const keys = parseKeySet(`# current\n${access.publicKey}\n\n${older.privateKey}`);
    expect(keys.map(({ kid }) => kid)).toEqual([kidOf(access), kidOf(older)]);
    expect(keys.every(({ key }) => key.type === 'public')).toBe(true);
  });

  it('takes no key that is short, or not RSA', () => {
    const short = pemOf(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey);
    const elliptic = pemOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey);
    for (const key of [short, elliptic]) expect(() => parseKeySet(key)).toThrow('2048 bits');
  });

  // RFC 7638 §3.1
  it('computes the thumbprint of the RFC’s own example', () => {
    const n =
      '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw';
    const key = createPublicKey({ key: { kty: 'RSA', n, e: 'AQAB' }, format: 'jwk' });
    expect(thumbprint(key)).toBe('NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs');
  });
});
