import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '#shared/errors/app-error.js';
import { createLogger } from '#shared/logging/logger.js';
import { requestContextOf, viewerOf } from './request-context.js';
import { requestIdOf } from './request-id.js';
import { maySee, requireOwner, requireService, requireUser, type Viewer } from './viewer.js';

const ANA = {
  kind: 'user',
  id: randomUUID(),
  email: 'ana@example.com',
  role: 'user',
  sessionId: randomUUID(),
  promptStorage: 'plain',
} as const;
const ADMIN = { ...ANA, id: randomUUID(), role: 'admin' } as const;
const SERVICE = { kind: 'service', name: 'image' } as const;
const TOKENS: Readonly<Record<string, Viewer>> = { 'ana.s.token': ANA, 'service.s.token': SERVICE };

const verify = (token: string): Viewer => {
  const viewer = TOKENS[token];
  if (!viewer) throw new AppError('UNAUTHENTICATED', 'The access token is not valid or has expired.');
  return viewer;
};
const contextOf = (headers: IncomingHttpHeaders) =>
  requestContextOf(headers, {
    verify,
    log: createLogger({ level: 'silent', service: 'test' }),
    signal: new AbortController().signal,
  });
function codeOf(attempt: () => unknown): string {
  try {
    attempt();
    return 'ok';
  } catch (error) {
    return (error as AppError).code;
  }
}

describe('viewerOf', () => {
  it('is nobody without the header, and never guesses with it', () => {
    expect(viewerOf({}, verify)).toBeNull();
    for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
      expect(viewerOf({ authorization: `${scheme} ana.s.token` }, verify)).toBe(ANA);
    }
    for (const authorization of [
      '',
      'Bearer',
      'Bearer ',
      'Bearer  ana.s.token',
      'Bearer ana.s.token ',
      'Bearer ana.s.token, Bearer ana.s.token',
      'Bearer ana.s.token\tx',
      'Basic YW5hOnNlY3JldA==',
      'ana.s.token',
      'Token ana.s.token',
      'Bearer "ana.s.token"',
    ]) {
      expect(codeOf(() => viewerOf({ authorization }, verify))).toBe('UNAUTHENTICATED');
    }
  });
});

describe('requestContextOf', () => {
  const authorization = 'Bearer ana.s.token';

  it('takes the user from the token, and a claim to be somebody only when it agrees', () => {
    expect(contextOf({ authorization }).viewer).toBe(ANA);
    expect(contextOf({ authorization, 'x-user-id': ANA.id }).viewer).toBe(ANA);
    for (const headers of [
      { authorization, 'x-user-id': ADMIN.id },
      { authorization, 'x-user-id': '' },
      { authorization, 'x-user-id': ANA.id.toUpperCase() },
      { authorization, 'x-user-id': `${ANA.id}, ${ADMIN.id}` },
      { authorization: 'Bearer service.s.token', 'x-user-id': ANA.id },
      { 'x-user-id': ANA.id },
    ]) {
      expect(codeOf(() => contextOf(headers))).toBe('UNAUTHENTICATED');
    }
  });

  it('takes a request id that is a UUID, and makes one otherwise', () => {
    const id = randomUUID();
    expect(contextOf({ 'x-request-id': id.toUpperCase() }).requestId).toBe(id);
    for (const header of [undefined, '', 'x', `${id}\n`, ` ${id}`, `${id},${id}`, '../../etc/passwd', [id, id]]) {
      expect(requestIdOf(header)).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      expect(requestIdOf(header)).not.toBe(id);
    }
  });
});

describe('who may see what', () => {
  it.each<[who: string, viewer: Viewer | null, sees: boolean]>([
    ['its owner', ANA, true],
    ['an admin', ADMIN, true],
    ['another user', { ...ANA, id: randomUUID() }, false],
    ['a service of that name', { kind: 'service', name: ANA.id }, false],
    ['nobody', null, false],
  ])('%s: %#', (_who, viewer, sees) => {
    expect(maySee(viewer, ANA.id)).toBe(sees);
    const code = codeOf(() => requireOwner({ viewer }, ANA.id, 'No such thing.'));
    expect(code).toBe(sees ? 'ok' : viewer?.kind === 'user' ? 'NOT_FOUND' : 'UNAUTHENTICATED');
  });

  it('a user is no service, and a service no user', () => {
    expect(codeOf(() => requireUser({ viewer: SERVICE }))).toBe('UNAUTHENTICATED');
    expect(codeOf(() => requireService({ viewer: ADMIN }))).toBe('FORBIDDEN');
    expect(codeOf(() => requireService({ viewer: null }))).toBe('FORBIDDEN');
    expect(requireService({ viewer: SERVICE })).toBe(SERVICE);
  });
});
