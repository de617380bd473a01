import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { constants, createHmac, createPrivateKey, createPublicKey, randomUUID, sign, verify } from 'node:crypto';
import { request } from 'undici';
import { createServiceTokenSigner } from '#shared/context/token-signer.js';
import { createKeyPair, type KeyPair } from '../../infra/init/key-pair.js';
import { authClient, sessionIdOf, type NewAccount } from '../support/auth-client.js';
import { SUBGRAPH_NAMES } from '../../infra/subgraph-names.js';
import { startEdgeSystem, type EdgeSystem } from '../support/edge-system.js';
import { encoded, forgeToken, kidOf, tokenInput, type Json, type TokenParts } from '../support/forge-token.js';

const RULES = { issuer: 'llm-supergraph', audience: 'llm-supergraph' };

let system: EdgeSystem;
let ana: NewAccount;
let stranger: KeyPair;
beforeAll(async () => {
  [system, stranger] = await Promise.all([startEdgeSystem(), createKeyPair()]);
  ana = await authClient(system.url).register();
});
afterAll(() => system?.stop());

const subject = () => ({ userId: ana.id, sessionId: sessionIdOf(ana.accessToken) });
const ours = (parts: TokenParts = {}): string => forgeToken(system.keys.current, subject(), parts);
const strangers = (header: Json): string =>
  forgeToken(stranger, subject(), { header: { kid: kidOf(system.keys.current), ...header } });
const now = (): number => Math.floor(Date.now() / 1000);

/** Sends to every door: the public one by GraphQL and by REST, and each subgraph's own. */
async function answers(authorization: string): Promise<{ door: string; status: number; text: string }[]> {
  const doors = [
    ['supergraph', `${system.url}/graphql`],
    ...SUBGRAPH_NAMES.map((name) => [name, `${system.urlOf(name)}/graphql`]),
  ] as [string, string][];
  const graphql = doors.map(async ([door, url]) => {
    const headers = { authorization, 'content-type': 'application/json' };
    const reply = await request(url, { method: 'POST', headers, body: JSON.stringify({ query: '{ __typename }' }) });
    return { door, status: reply.statusCode, text: await reply.body.text() };
  });
  const rest = request(`${system.url}/users/me`, { headers: { authorization } }).then(async ({ statusCode, body }) => {
    const { requestId, ...problem } = (await body.json()) as Json;
    if (statusCode !== 200) expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
    return { door: 'REST', status: statusCode, text: JSON.stringify(problem) };
  });
  return Promise.all([...graphql, rest]);
}

/** How every door answers a token that was never one: what all attacks must get, byte for byte. */
let refusal: Awaited<ReturnType<typeof answers>>;
beforeAll(async () => {
  refusal = await answers('Bearer never.a.token');
});

const HS256_SECRETS: Record<string, () => string> = {
  'its PEM': () => system.keys.current.publicKey,
  'its PEM without the last line break': () => system.keys.current.publicKey.trim(),
  'its modulus': () => createPublicKey(system.keys.current.publicKey).export({ format: 'jwk' }).n ?? '',
  nothing: () => '',
};

function hs256(secret: string, alg = 'HS256'): string {
  const input = tokenInput(system.keys.current, subject(), { header: { alg } });
  return `${input}.${createHmac(alg === 'HS256' ? 'sha256' : 'sha512', secret)
    .update(input)
    .digest('base64url')}`;
}

const withClaims = (claims: Json) => (): string => ours({ claims });
const withHeader = (header: Json) => (): string => ours({ header });

const ATTACKS: [what: string, token: () => string][] = [
  ...['none', 'None', 'NONE', ''].map((alg): [string, () => string] => [
    `alg ${JSON.stringify(alg)}`,
    () => `${tokenInput(system.keys.current, subject(), { header: { alg } })}.`,
  ]),
  ['alg none with a good signature', withHeader({ alg: 'none' })],
  ...Object.entries(HS256_SECRETS).map(([what, secret]): [string, () => string] => [
    `HS256 by the public key: ${what}`,
    () => hs256(secret()),
  ]),
  ['HS512 by the public key', () => hs256(system.keys.current.publicKey, 'HS512')],
  ['alg RS512 by our key', withHeader({ alg: 'RS512' })],
  [
    'a PS256 signature by our key',
    () => {
      const input = tokenInput(system.keys.current, subject(), { header: { alg: 'PS256' } });
      const key = createPrivateKey(system.keys.current.privateKey);
      const pss = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
      return `${input}.${sign('sha256', Buffer.from(input), pss).toString('base64url')}`;
    },
  ],
  ...[
    undefined,
    null,
    '',
    'unknown',
    '../../../dev/null',
    "' union select 'x",
    '/etc/passwd',
    7,
    ['x'],
    '__proto__',
  ].map((kid): [string, () => string] => [`kid ${JSON.stringify(kid)}`, withHeader({ kid })]),
  ['a stranger’s key by its own kid', () => forgeToken(stranger, subject())],
  ['a stranger’s key by our kid', () => strangers({})],
  ['an embedded jwk', () => strangers({ jwk: createPublicKey(stranger.publicKey).export({ format: 'jwk' }) })],
  ['a jku', () => strangers({ jku: 'http://127.0.0.1:9/jwks.json' })],
  ['an x5u', () => strangers({ x5u: 'http://127.0.0.1:9/cert.pem' })],
  ['an x5c', () => strangers({ x5c: [stranger.publicKey.replaceAll(/-----[A-Z ]+-----|\n/g, '')] })],
  ['a header that must be understood', withHeader({ crit: ['exp'] })],
  ...['JWT', 'jwt', 'service+jwt', 'application/at+jwt', 'AT+JWT', '', null, undefined].map(
    (typ): [string, () => string] => [`typ ${JSON.stringify(typ)}`, withHeader({ typ })],
  ),
  ['a service token by the users’ key', () => createServiceTokenSigner(system.keys.current.privateKey, RULES, 'x')()],
  ['a user’s token by the services’ key', () => forgeToken(system.keys.service, subject())],
  ...(['iss', 'aud', 'exp', 'iat', 'jti', 'sub', 'sid', 'role', 'email'] as const).map(
    (claim): [string, () => string] => [`no ${claim}`, withClaims({ [claim]: undefined })],
  ),
  ...Object.entries({
    iss: ['somebody', '', null, ['llm-supergraph']],
    aud: ['somebody', '', null, ['somebody', 'nobody'], 7],
    jti: ['', 7, null],
    sub: ['', 'ana', "' or 1=1 --", 7, null, {}],
    sid: ['', 'x', 7, null],
    role: ['root', 'ADMIN', '', null, ['admin'], 7],
    email: [7, null],
    exp: ['tomorrow', null, -1, 0],
    iat: ['now', null],
    nbf: ['now'],
  }).flatMap(([claim, values]) =>
    values.map((value): [string, () => string] => [
      `${claim} ${JSON.stringify(value)}`,
      withClaims({ [claim]: value }),
    ]),
  ),
  ['expired', () => ours({ claims: { iat: now() - 900, exp: now() - 60 } })],
  ['issued in the future', () => ours({ claims: { iat: now() + 60, exp: now() + 600 } })],
  ['not to be used yet', () => ours({ claims: { nbf: now() + 60 } })],
  ['claims that are a list', () => ['a', encoded([ours()]), 'b'].join('.')],
  [
    'another user in the payload',
    () => {
      const [header, , signature] = ana.accessToken.split('.');
      const [, payload] = tokenInput(system.keys.current, { ...subject(), userId: randomUUID() }).split('.');
      return [header, payload, signature].join('.');
    },
  ],
  [
    'a role raised in the payload',
    () => {
      const [header, payload = '', signature] = ana.accessToken.split('.');
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Json;
      return [header, encoded({ ...claims, role: 'admin' }), signature].join('.');
    },
  ],
  ['no signature', () => ana.accessToken.split('.').slice(0, 2).join('.')],
  ['an empty signature', () => `${ana.accessToken.split('.').slice(0, 2).join('.')}.`],
  ['two signatures', () => `${ana.accessToken}.${ana.accessToken.split('.')[2]}`],
  ['a padded signature', () => `${ana.accessToken}==`],
  ['10 kB', () => `${ana.accessToken}${'A'.repeat(10_000)}`],
  ['10 kB of claims by a stranger', () => forgeToken(stranger, subject(), { claims: { email: 'x'.repeat(7_500) } })],
  ['a refresh token', () => ana.refreshToken],
];

describe('a token that is not exactly what the auth service issued', () => {
  it('is refused like one that never was: 401 at every door', () => {
    expect(refusal.map(({ status }) => status)).toEqual(refusal.map(() => 401));
    for (const { text } of refusal) expect(text).toMatch(/"UNAUTHENTICATED"/);
  });

  it.each(ATTACKS)('%s', async (_what, token) => {
    expect(await answers(`Bearer ${token()}`)).toEqual(refusal);
  });

  it('has one last character only: the other 63 are refused, also those that stand for the same bytes', async () => {
    const token = ana.accessToken;
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    for (const last of alphabet.split('').filter((character) => character !== token.at(-1))) {
      const replies = await answers(`Bearer ${token.slice(0, -1)}${last}`);
      expect({ last, replies }).toEqual({ last, replies: refusal });
    }
  });

  it('is refused wherever a character of it was changed', async () => {
    const token = ana.accessToken;
    for (let at = 0; at < token.length; at += 37) {
      const other = token[at] === 'A' ? 'B' : 'A';
      expect(await answers(`Bearer ${token.slice(0, at)}${other}${token.slice(at + 1)}`)).toEqual(refusal);
    }
  });

  it('is refused when a service presents it at the public door', async () => {
    const token = createServiceTokenSigner(system.keys.service.privateKey, RULES, 'image')();
    const replies = (await answers(`Bearer ${token}`)).filter(({ door }) => door !== 'analytics');
    expect(replies).toEqual(refusal.filter(({ door }) => door !== 'analytics'));
  });
});

describe('an Authorization header that holds no token', () => {
  it.each(['Bearer', 'Bearer ', 'Basic YW5hOnNlY3JldA==', 'Token x', 'Bearer a b', 'Bearer\tx.y.z', 'Bearer x,y', 'x'])(
    'is refused: %j',
    async (authorization) => {
      const replies = await answers(authorization);
      const like = await answers('Nothing');
      expect(replies).toEqual(like);
      expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 401));
    },
  );

  it('is refused for white space and commas around a good token, but not for the case of its scheme', async () => {
    const { accessToken } = ana;
    for (const authorization of [`Bearer  ${accessToken}`, `Bearer ${accessToken},`, `Bearer ${accessToken} x`]) {
      expect((await answers(authorization)).map(({ status }) => status)).toEqual(refusal.map(() => 401));
    }
    for (const scheme of ['bearer', 'BEARER']) {
      const replies = await answers(`${scheme} ${ana.accessToken}`);
      expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 200));
    }
  });

  it.each<[what: string, tokens: () => string[]]>([
    ['two good ones', () => [ana.accessToken, ana.accessToken]],
    ['a good one first', () => [ana.accessToken, 'never.a.token']],
    ['a good one last', () => ['never.a.token', ana.accessToken]],
  ])('is refused at the public door when there are two: %s', async (_what, tokens) => {
    const headers = tokens().flatMap((token) => ['authorization', `Bearer ${token}`]);
    const rest = await request(`${system.url}/users/me`, { headers });
    const { requestId, ...problem } = (await rest.body.json()) as Json;
    const door = refusal.find((answer) => answer.door === 'REST');
    expect(requestId).toBeDefined();
    expect({ status: rest.statusCode, text: JSON.stringify(problem) }).toEqual({ status: 401, text: door?.text });
  });
});

describe('two keys at once', () => {
  it('take tokens of both, through every service', async () => {
    for (const pair of [system.keys.current, system.keys.former]) {
      const token = forgeToken(pair, subject());
      expect((await answers(`Bearer ${token}`)).map(({ status }) => status)).toEqual(refusal.map(() => 200));
      const me = await request(`${system.url}/users/me`, { headers: { authorization: `Bearer ${token}` } });
      expect(await me.body.json()).toMatchObject({ id: ana.id });
    }
  });

  it('are both at /.well-known/jwks.json, which is enough to check a token with', async () => {
    const reply = await request(`${system.url}/.well-known/jwks.json`);
    expect(reply.headers['content-type']).toMatch(/^application\/jwk-set\+json/);
    const { keys } = (await reply.body.json()) as { keys: (Json & { kid: string })[] };
    expect(keys.map(({ kid }) => kid)).toEqual([kidOf(system.keys.current), kidOf(system.keys.former)]);
    for (const key of keys) {
      expect(Object.keys(key).toSorted()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
    }
    const [header = '', payload = '', signature = ''] = ana.accessToken.split('.');
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string };
    const key = createPublicKey({ key: keys.find((candidate) => candidate.kid === kid) as Json, format: 'jwk' });
    expect(verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url'))).toBe(true);
  });
});
