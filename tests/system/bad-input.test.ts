import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { restClient, signUp, type Account, type RestClient } from '../support/rest-client.js';
import { startSystem, type System } from '../support/system.js';

interface Problem {
  status: number;
  code: string;
  detail: string;
  issues?: { path: string; rule: string; message: string }[];
}

let system: System;
let send: RestClient;
let ana: Account;
let bob: Account;
let anasImage: string;
let anasSummary: string;

beforeAll(async () => {
  system = await startSystem();
  send = restClient(system.url);
  ana = await signUp(send, 'ana@example.com');
  bob = await signUp(send, 'bob@example.com');
  const made = async (route: string, json: unknown) => {
    const { body } = await send<{ id: string }>(route, { token: ana.token, json });
    return body.id;
  };
  anasImage = await made('POST /image/generate', { prompt: 'a lighthouse', size: '64x64' });
  anasSummary = await made('POST /summarize', { text: 'A lighthouse stands by the sea.', length: 'short' });
  await made('POST /chat/message', { sessionId: 'demo', messages: [{ role: 'user', content: 'Hola' }] });
});
afterAll(() => system?.stop());

const EVENT = {
  _id: 'f'.repeat(24),
  ts: new Date().toISOString(),
  service: 'gateway',
  action: 'view',
  requestId: randomUUID(),
  provider: 'none',
  model: 'none',
  latencyMs: 12,
  status: 200,
};
const MESSAGES = [{ role: 'user', content: 'Hola' }];

/** Every route that takes a body: a good one, its required fields, and for some fields a wrong type, a wrong value. */
const ROUTES: readonly [
  route: string,
  good: Record<string, unknown>,
  required: string[],
  bad: Record<string, unknown[]>,
][] = [
  [
    'POST /auth/register',
    { email: 'x@example.com', password: 'secret123' },
    ['email', 'password'],
    { email: [7, 'x', null, ['x@example.com']], password: [7, 'short', 'x'.repeat(73)] },
  ],
  [
    'POST /auth/login',
    { email: 'x@example.com', password: 'secret123' },
    ['email', 'password'],
    { email: [7, {}], password: [true] },
  ],
  ['POST /auth/refresh', { refreshToken: 'x' }, ['refreshToken'], { refreshToken: [7, 'x'.repeat(600)] }],
  [
    'POST /image/generate',
    { prompt: 'a lighthouse' },
    ['prompt'],
    {
      prompt: [7, '', 'x'.repeat(4_001)],
      size: ['huge', '1x1', '9999x9999', 512],
      seed: ['x', -1, 1.5],
      style: [7, 'x'.repeat(65)],
    },
  ],
  [
    'POST /summarize',
    { text: 'A lighthouse.', length: 'short' },
    [],
    { text: [7, '', 'x'.repeat(200_001)], length: ['huge', 7], style: [7] },
  ],
  [
    'POST /chat/message',
    { sessionId: 'demo', messages: MESSAGES },
    ['sessionId', 'messages'],
    {
      sessionId: [7, '', '../x', 'x'.repeat(65)],
      messages: [
        7,
        [],
        'Hola',
        [{ role: 'user' }],
        [{ role: 'robot', content: 'x' }],
        [{ role: 'assistant', content: 'x' }],
      ],
      model: [7],
    },
  ],
  [
    'POST /analytics/events',
    EVENT,
    ['service', 'action', 'provider', 'model', 'latencyMs', 'status'],
    {
      service: ['weather'],
      latencyMs: ['fast', -1],
      status: [42, 'ok'],
      requestId: ['x'],
      ts: ['yesterday'],
      meta: [7, 'x'],
      cost: [{ usd: 5 }],
    },
  ],
];

const post = (route: string, json: unknown) => send<Problem>(route, { token: ana.token, json });

function expectProblem(reply: Awaited<ReturnType<typeof post>>, status: number): void {
  expect({ status: reply.status, text: reply.text }).toMatchObject({ status });
  expect(String(reply.headers['content-type'])).toContain('application/problem+json');
  expect(reply.body.status).toBe(status);
  expect(reply.text).not.toMatch(/127\.0\.0\.1|node_modules|\bat \/|stack|select |Mongo|\/graphql/i);
}

describe.each(ROUTES)('%s', (route, good, required, bad) => {
  for (const field of required) {
    it(`without ${field} is refused by that name`, async () => {
      const { [field]: _left, ...json } = good;
      const reply = await post(route, json);
      expectProblem(reply, 400);
      expect(reply.body.code).toBe('BAD_USER_INPUT');
      expect(reply.body.issues?.map(({ path }) => path.split('.')[0])).toContain(field);
    });
  }

  const wrong = Object.entries(bad).flatMap(([field, values]) => values.map((value) => [field, value] as const));
  it.each(wrong)('with a wrong %s (case %#) is refused by that name', async (field, value) => {
    const reply = await post(route, { ...good, [field]: value });
    expectProblem(reply, 400);
    expect(reply.body.issues?.some(({ path }) => path.startsWith(field))).toBe(true);
  });

  it('with a field it does not know is refused by that name', async () => {
    const reply = await post(route, { ...good, surprise: 1 });
    expectProblem(reply, 400);
    expect(reply.text).toContain('surprise');
  });

  it('that is not an object, not JSON, or not declared as JSON is refused', async () => {
    expectProblem(await post(route, ['x']), 400);
    expectProblem(await post(route, '{"prompt": '), 400);
    expectProblem(
      await send<Problem>(route, { token: ana.token, json: 'x', headers: { 'content-type': 'text/plain' } }),
      415,
    );
  });

  it('larger than a request may be is refused', async () => {
    expectProblem(await post(route, { ...good, surprise: 'x'.repeat(3 * 1024 * 1024) }), 413);
  });
});

describe('POST /summarize', () => {
  it.each([
    ['nothing', {}, 400],
    ['two sources', { text: 'a', url: 'https://example.com/' }, 400],
    ['no URL', { url: 'page' }, 400],
    ['an s3Key that is none', { s3Key: '../../etc/passwd' }, 404],
  ])('with %s to summarize gets a clear answer', async (_case, source, status) => {
    const reply = await post('POST /summarize', { ...source, length: 'short' });
    expect(reply.status).toBe(status);
    expect(reply.body.detail.length).toBeGreaterThan(10);
  });

  const withoutId = ({ status, body }: Awaited<ReturnType<typeof post>>) => ({ ...body, requestId: '', status });

  it('with a page inside the network gets one answer, whatever is there', async () => {
    const urls = [
      `${system.url}/healthz`,
      system.url.replace('127.0.0.1', 'localhost'),
      system.url.replace('127.0.0.1', '[::ffff:127.0.0.1]'),
      system.url.replace('127.0.0.1', '2130706433'),
      'http://127.0.0.1:1/',
      'http://10.0.0.1/',
      'http://169.254.169.254/latest/meta-data/',
      'http://metadata.google.internal/',
      'http://svc-auth:3000/',
      'https://user:password@127.0.0.1/',
    ];
    const replies = await Promise.all(urls.map((url) => post('POST /summarize', { url, length: 'short' })));
    for (const reply of replies) {
      expectProblem(reply, 400);
      expect(withoutId(reply)).toEqual(withoutId(replies[0]!));
    }
    expect(replies[0]?.body.issues).toMatchObject([{ path: 'url', rule: 'reachable' }]);
  });

  it('with a file of somebody else gets the answer for one that is not there', async () => {
    const s3Key = (await system.keys('summarize', 'requests/')).find((key) => key.includes(anasSummary)) ?? '';
    const key = s3Key.replace(/[^/]+$/, 'summary.txt');
    const [foreign, unknown] = await Promise.all(
      [key, key.replace(anasSummary, '0198c0de-0000-7000-8000-000000000000')].map((sent) =>
        send<Problem>('POST /summarize', { token: bob.token, json: { s3Key: sent, length: 'short' } }),
      ),
    );
    expectProblem(foreign!, 404);
    expect(withoutId(foreign!)).toEqual(withoutId(unknown!));
    expect((await post('POST /summarize', { s3Key: key, length: 'short' })).status).toBe(200);
  });
});

describe('a route that needs a token', () => {
  it.each([
    'GET /users/me',
    'POST /auth/logout',
    'GET /chat/session',
    'GET /chat/session/demo',
    'POST /chat/session',
    `GET /image/${randomUUID()}`,
    `GET /summarize/${randomUUID()}`,
    ...['overview', 'timeseries', 'perf', 'costs'].map((what) => `GET /analytics/user/${randomUUID()}/${what}`),
    'POST /image/generate',
    'POST /summarize',
    'POST /chat/message',
    'POST /analytics/events',
  ])('%s says 401 without one, and with a forged one', async (route) => {
    const json = ROUTES.find(([name]) => name === route)?.[1];
    const body = json ? { json } : {};
    expectProblem(await send<Problem>(route, body), 401);
    expectProblem(await send<Problem>(route, { ...body, token: `${ana.token.slice(0, -2)}AA` }), 401);
  });
});

describe('an id', () => {
  const UNKNOWN = '0198c0de-0000-7000-8000-000000000000';
  const reply = async (route: string) => {
    const { status, body } = await send<Problem & { requestId?: string; instance?: string }>(route, {
      token: bob.token,
    });
    const { requestId: _id, instance: _instance, ...problem } = body;
    return { status, problem };
  };

  it.each([
    ['/image/', () => anasImage],
    ['/summarize/', () => anasSummary],
    ['/chat/session/', () => 'demo'],
  ])('%s of somebody else, unknown or malformed looks the same', async (path, theirs) => {
    const foreign = await reply(`GET ${path}${theirs()}`);
    expect(foreign.status).toBe(404);
    expect(await reply(`GET ${path}${UNKNOWN}`)).toEqual(foreign);
    expect(await reply(`GET ${path}no%20such%20id`)).toEqual(foreign);
  });

  it.each(['overview', 'timeseries', 'perf', 'costs'])(
    '/analytics/user/:id/%s of somebody else or unknown looks the same',
    async (what) => {
      const foreign = await reply(`GET /analytics/user/${ana.id}/${what}`);
      expect(foreign.status).toBe(404);
      expect(await reply(`GET /analytics/user/${UNKNOWN}/${what}`)).toEqual(foreign);
    },
  );
});

describe('a query parameter', () => {
  it.each([
    ['from=yesterday', 'from'],
    ['to=2026-13-01', 'to'],
    ['from=2026-02-01&to=2026-01-01', 'from'],
    ['bucket=week', 'bucket'],
    ['timezone=Mars/Olympus', 'timezone'],
    ['surprise=1', 'surprise'],
  ])('%s is refused by its name', async (query, field) => {
    const answer = await send<Problem>(`GET /analytics/user/${ana.id}/timeseries?${query}`, { token: ana.token });
    expectProblem(answer, 400);
    expect(answer.body.issues?.some(({ path }) => path.endsWith(field))).toBe(true);
  });
});

describe('an event of a user', () => {
  it.each([
    ['about somebody else', { userId: '0198c0de-0000-7000-8000-000000000000' }, 403],
    ['with a cost', { cost: { usd: 0.01 } }, 400],
  ])('%s is refused', async (_case, forged, status) => {
    expectProblem(await post('POST /analytics/events', { ...EVENT, ...forged }), status);
  });
});

describe('an address that does not exist', () => {
  it('is a problem document, as is a method that an address does not have', async () => {
    expectProblem(await send<Problem>('GET /nothing/here'), 404);
    const wrongMethod = await send<Problem>('DELETE /image/generate');
    expectProblem(wrongMethod, 405);
    expect(wrongMethod.headers['allow']).toContain('POST');
  });
});
