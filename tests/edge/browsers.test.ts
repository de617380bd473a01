import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { request } from 'undici';
import { authClient, type NewAccount } from '../support/auth-client.js';
import { startEdgeSystem, type EdgeSystem } from '../support/edge-system.js';

const ALLOWED = 'https://app.example.com';

let system: EdgeSystem;
let ana: NewAccount;
beforeAll(async () => {
  system = await startEdgeSystem({ CORS_ORIGIN: `${ALLOWED}, http://localhost:3000`, MAX_BODY_BYTES: '20000' });
  ana = await authClient(system.url).register();
});
afterAll(() => system?.stop());

type Method = 'GET' | 'POST' | 'OPTIONS' | 'PUT' | 'DELETE' | 'PATCH' | 'HEAD';

async function send(method: Method, path: string, headers: Record<string, string> = {}, body?: string) {
  const reply = await request(`${system.url}${path}`, { method, headers, ...(body !== undefined && { body }) });
  return { status: reply.statusCode, headers: reply.headers, text: await reply.body.text() };
}

describe('CORS', () => {
  const preflight = (origin: string, path = '/graphql') =>
    send('OPTIONS', path, {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    });

  it.each([ALLOWED, 'http://localhost:3000'])('lets %s call, by its exact name', async (origin) => {
    for (const path of ['/graphql', '/users/me', '/image/generate']) {
      const { status, headers } = await preflight(origin, path);
      expect(status).toBe(204);
      expect(headers['access-control-allow-origin']).toBe(origin);
      expect(headers['vary']).toMatch(/origin/i);
      expect(headers['access-control-allow-credentials']).toBeUndefined();
    }
    const { headers } = await send('GET', '/users/me', { origin, authorization: `Bearer ${ana.accessToken}` });
    expect(headers['access-control-allow-origin']).toBe(origin);
    expect(headers['access-control-expose-headers']).toMatch(/x-request-id.*ratelimit.*retry-after/i);
  });

  it.each([
    'https://evil.example',
    'https://app.example.com.evil.example',
    'https://evil-app.example.com',
    'https://sub.app.example.com',
    'http://app.example.com',
    'https://app.example.com:8443',
    'HTTPS://APP.EXAMPLE.COM',
    'https://app.example.com/',
    'http://localhost:3001',
    'http://127.0.0.1:3000',
    'null',
    '*',
  ])('lets nobody else call: %s', async (origin) => {
    const replies = [await preflight(origin), await send('GET', '/healthz', { origin })];
    for (const { headers } of replies) expect(headers['access-control-allow-origin']).toBeUndefined();
  });
});

describe('a request that another site could make a browser send', () => {
  const QUERY = JSON.stringify({ query: 'mutation { logout }' });

  it.each([
    ['text/plain', QUERY],
    ['application/x-www-form-urlencoded', `query=${encodeURIComponent('mutation { logout }')}`],
    [
      'multipart/form-data; boundary=x',
      `--x\r\nContent-Disposition: form-data; name="query"\r\n\r\n{ __typename }\r\n--x--\r\n`,
    ],
    ['', QUERY],
  ])('is refused at /graphql: POST of %j', async (type, body) => {
    const headers = { authorization: `Bearer ${ana.accessToken}`, ...(type && { 'content-type': type }) };
    const { status, text } = await send('POST', '/graphql', headers, body);
    expect([400, 415]).toContain(status);
    expect(text).not.toContain('"data"');
    expect(() => JSON.parse(text) as unknown).not.toThrow();
  });

  it('is refused at /graphql: GET without a header that only scripts set', async () => {
    const path = `/graphql?query=${encodeURIComponent('{ __typename }')}`;
    expect((await send('GET', path)).status).toBe(400);
    expect((await send('GET', path, { 'content-type': 'text/plain' })).status).toBe(400);
    expect((await send('GET', path, { 'apollo-require-preflight': 'true' })).status).toBe(200);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    'is refused at REST routes: POST of %s',
    async (type) => {
      const body = JSON.stringify({ email: 'x@example.com', password: 'secret123' });
      const { status, text } = await send('POST', '/auth/register', { 'content-type': type }, body);
      expect(status).toBe(415);
      expect(JSON.parse(text)).toMatchObject({ code: 'UNSUPPORTED_MEDIA_TYPE' });
    },
  );

  it('brings no cookie and gets none', async () => {
    const cookie = `accessToken=${ana.accessToken}; token=${ana.accessToken}`;
    expect((await send('GET', '/users/me', { cookie })).status).toBe(401);
    const login = await send(
      'POST',
      '/auth/login',
      { 'content-type': 'application/json' },
      JSON.stringify({ email: ana.email, password: ana.password }),
    );
    expect(login.headers['set-cookie']).toBeUndefined();
  });
});

describe('/graphql', () => {
  const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

  it('sends who opens it in a browser to the landing page', async () => {
    for (const path of ['/graphql', '/graphql?query=%7B__typename%7D']) {
      const { status, headers } = await send('GET', path, { accept: BROWSER });
      expect({ status, location: headers['location'] }).toEqual({ status: 302, location: '/' });
    }
    const posted = await send(
      'POST',
      '/graphql',
      { 'content-type': 'application/json', accept: BROWSER },
      JSON.stringify({ query: '{ __typename }' }),
    );
    expect(posted.status).toBe(200);
  });

  it.each(['PUT', 'PATCH', 'DELETE'] as const)('has no %s', async (method) => {
    const { status, headers, text } = await send(method, '/graphql', { 'content-type': 'text/plain' }, 'x');
    expect({ status, allow: headers['allow'] }).toEqual({ status: 405, allow: 'GET, POST' });
    expect(JSON.parse(text)).toMatchObject({ code: 'METHOD_NOT_ALLOWED' });
  });
});

describe('every reply', () => {
  const REQUESTS: [what: string, request: Parameters<typeof send>][] = [
    ['a page', ['GET', '/', {}]],
    ['an answer', ['GET', '/healthz', {}]],
    ['nothing there', ['GET', '/nothing/here', {}]],
    ['a path upwards', ['GET', '/../../etc/passwd', {}]],
    ['a path upwards, encoded', ['GET', '/%2e%2e/%2e%2e/etc/passwd', {}]],
    ['another method', ['DELETE', '/users/me', {}]],
    ['a method on GraphQL', ['PUT', '/graphql', {}]],
    ['no token', ['GET', '/users/me', {}]],
    ['a bad token', ['GET', '/users/me', { authorization: 'Bearer x' }]],
    ['no JSON', ['POST', '/auth/login', { 'content-type': 'application/json' }, '{']],
    ['an empty body', ['POST', '/auth/login', { 'content-type': 'application/json' }]],
    ['a large body', ['POST', '/auth/login', { 'content-type': 'application/json' }, `"${'x'.repeat(30_000)}"`]],
    [
      'a large body for GraphQL',
      ['POST', '/graphql', { 'content-type': 'application/json' }, `"${'x'.repeat(30_000)}"`],
    ],
    [
      'no JSON for GraphQL, from a browser',
      ['POST', '/graphql', { 'content-type': 'application/json', accept: 'text/html' }, '{'],
    ],
    ['nothing there, for a browser', ['GET', '/nothing', { accept: 'text/html' }]],
  ];

  it.each(REQUESTS)('has the headers that browsers heed, and a request id: %s', async (_what, sent) => {
    const reply = await send(...sent);
    expect(reply.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'content-security-policy': expect.stringContaining("default-src 'self'"),
      'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(reply.headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(reply.headers['x-powered-by']).toBeUndefined();
    expect(reply.headers['server']).toBeUndefined();
    if (reply.status < 400) return;
    expect(reply.status).toBeLessThan(500);
    expect(reply.headers['content-type']).toMatch(/json/);
    expect(JSON.parse(reply.text)).toBeInstanceOf(Object);
    expect(reply.text).not.toMatch(/<\w+>|node_modules|at \w+ \(/);
  });

  it.each([
    ['malformed', '/image/%E0%A4%A'],
    ['very long', `/image/${'x'.repeat(4_000)}`],
  ])('is a problem document also for an address that is %s', async (_what, path) => {
    const { status, headers, text } = await send('GET', path);
    const problem = JSON.parse(text) as { requestId: string };
    expect({ status, problem }).toMatchObject({ status: 400, problem: { status: 400, code: 'BAD_REQUEST' } });
    expect(headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(headers['x-request-id']).toBe(problem.requestId);
    expect(text).not.toContain(path);
  });

  it('has the request id that the client gave, when it is a UUID', async () => {
    const id = '0198C0DE-0000-4000-8000-00000000ABCD';
    expect((await send('GET', '/healthz', { 'x-request-id': id })).headers['x-request-id']).toBe(id.toLowerCase());
    for (const bad of ['x', `${id},${id}`, '../../x', '<script>']) {
      const told = (await send('GET', '/healthz', { 'x-request-id': bad })).headers['x-request-id'];
      expect(told).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    }
    const problem = await send('GET', '/users/me', { 'x-request-id': id });
    expect(JSON.parse(problem.text)).toMatchObject({ requestId: id.toLowerCase() });
  });
});
