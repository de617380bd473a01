import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sendGraphql } from '../support/graphql-client.js';
import { restClient, signUp, type Account, type RestClient } from '../support/rest-client.js';
import { startSystem, type System } from '../support/system.js';

interface Issue {
  readonly path: string;
  readonly rule: string;
  readonly message: string;
}

interface Problem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly issues?: readonly Issue[];
}

let system: System;
let send: RestClient;
let ana: Account;
beforeAll(async () => {
  system = await startSystem();
  send = restClient(system.url);
  ana = await signUp(send, 'ana@example.com');
});
afterAll(() => system?.stop());

const DATE_TIME = 'a date and time with a zone, such as 2026-01-31T12:00:00Z';
const USER = { role: 'user', content: 'Hola' };
const chat = (...messages: unknown[]) => ({ sessionId: 'demo', messages });

/** What REST says of a body, as its only fault. */
const BODIES: [route: string, json: Record<string, unknown>, path: string, message: string][] = [
  ['/summarize', { text: 5 }, 'text', 'text must be a string.'],
  ['/summarize', { text: 'A.', length: 'tiny' }, 'length', 'length must be one of short, med, long.'],
  ['/summarize', { text: 'A.', length: 7 }, 'length', 'length must be one of short, med, long.'],
  ['/summarize', { text: 'A.', length: null }, 'length', 'length is required.'],
  ['/summarize', { text: 'A.', foo: 1 }, 'foo', 'foo is not a known field.'],
  ['/summarize', {}, 'text', 'Exactly one of text, url and s3Key must be given.'],
  ['/summarize', { s3Key: '' }, 's3Key', 's3Key must not be empty.'],
  ['/image/generate', { prompt: 'x', seed: 1.5 }, 'seed', 'seed must be a whole number.'],
  [
    '/image/generate',
    { prompt: 'x', seed: 3_000_000_000 },
    'seed',
    'seed must be a whole number from -2147483648 to 2147483647.',
  ],
  ['/image/generate', { prompt: 'x', style: 'x'.repeat(65) }, 'style', 'style must have at most 64 characters.'],
  [
    '/auth/register',
    { email: 'x@example.com', password: 'x' },
    'password',
    'password must have at least 8 characters.',
  ],
  ['/auth/register', { email: 'x', password: 'secret123' }, 'email', 'email must be an email address.'],
  ['/chat/message', chat('Hola'), 'messages[0]', 'messages[0] must be an object with the fields role and content.'],
  [
    '/chat/message',
    { sessionId: 'demo', messages: 'Hola' },
    'messages',
    'messages must be a list of objects with the fields role and content.',
  ],
  ['/chat/message', chat({ role: 'user' }), 'messages[0].content', 'messages[0].content is required.'],
  [
    '/chat/message',
    chat({ role: 'robot', content: 'x' }),
    'messages[0].role',
    'messages[0].role must be one of system, user, assistant.',
  ],
  [
    '/chat/message',
    chat({ role: 'system', content: '' }, USER),
    'messages[0].content',
    'messages[0].content must not be empty.',
  ],
  [
    '/chat/message',
    chat(USER, { role: 'assistant', content: 'x' }),
    'messages',
    'The last message must be from the user; a system message may only come first.',
  ],
  ['/chat/message', chat({ role: 'user', content: ' \n ' }), 'messages', 'The last message must not be blank.'],
  [
    '/chat/message',
    chat(...Array.from({ length: 51 }, () => USER)),
    'messages',
    'messages must have at most 50 items.',
  ],
  [
    '/analytics/events',
    { service: 'image', action: 'x', provider: 'x', model: 'x', latencyMs: 1, status: 200, ts: '2026-01-31' },
    'ts',
    `ts must be ${DATE_TIME}.`,
  ],
  [
    '/analytics/events',
    { service: 'image', action: 'x', provider: 'x', model: 'x', latencyMs: 'fast', status: 200 },
    'latencyMs',
    'latencyMs must be a number.',
  ],
  [
    '/analytics/events',
    { service: 'image', action: 'x', provider: 'x', model: 'x', latencyMs: 1, status: 200, tokens: { in: -1 } },
    'tokens.in',
    'tokens.in must not be less than 0.',
  ],
  [
    '/analytics/events',
    { service: 'image', action: 'x', provider: 'x', model: 'x', latencyMs: 1, status: 200, meta: 7 },
    'meta',
    'meta must be an object.',
  ],
];

describe('a REST body', () => {
  it.each(BODIES)('%s %j is refused at %s: %s', async (route, json, path, message) => {
    const { status, body } = await send<Problem>(`POST ${route}`, { token: ana.token, json });
    const { code, detail, issues } = body;
    expect({ status, code, detail, issues }).toEqual({
      status: 400,
      code: 'BAD_USER_INPUT',
      detail: message,
      issues: [{ path, rule: expect.any(String), message }],
    });
  });

  it('with several faults is told all of them', async () => {
    const { body } = await send<Problem>('POST /summarize', {
      token: ana.token,
      json: { text: 5, length: 'tiny', foo: 1 },
    });
    expect(body.issues?.map(({ path }) => path).toSorted()).toEqual(['foo', 'length', 'text']);
    for (const { message } of body.issues ?? []) expect(body.detail).toContain(message);
  });

  it('with more faults than anybody reads is told twenty', async () => {
    const json = Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`field${at}`, at]));
    const { status, body } = await send<Problem>('POST /summarize', { token: ana.token, json });
    expect({ status, count: body.issues?.length }).toEqual({ status: 400, count: 20 });
  });

  it('with several faults is told all of them by a stream too', async () => {
    const { status, body } = await send<Problem>('POST /chat/message', {
      token: ana.token,
      json: { sessionId: 5, messages: [{ role: 'robot' }] },
      headers: { accept: 'text/event-stream' },
    });
    expect(status).toBe(400);
    expect(body.issues).toEqual([
      { path: 'sessionId', rule: 'type', message: 'sessionId must be a string.' },
      {
        path: 'messages[0].role',
        rule: 'enum',
        message: 'messages[0].role must be one of system, user, assistant.',
      },
      { path: 'messages[0].content', rule: 'required', message: 'messages[0].content is required.' },
    ]);
  });
});

describe('an idempotency key', () => {
  it('that is another one in the header than in the body is refused', async () => {
    const ask = (header: string, idempotencyKey: unknown) =>
      send<Problem>('POST /summarize', {
        token: ana.token,
        json: { text: 'A lighthouse stands by the sea.', idempotencyKey },
        headers: { 'idempotency-key': header },
      });
    const message = 'idempotencyKey must be the same as the Idempotency-Key header; one of them is enough.';
    const refused = await ask('k1', 'k2');
    expect(refused).toMatchObject({
      status: 400,
      body: { detail: message, issues: [{ path: 'idempotencyKey', rule: 'sameAsHeader', message }] },
    });
    expect((await ask('k1', 'k1')).status).toBe(200);
    expect((await ask('k1', null)).status).toBe(200);
  });
});

describe('a query parameter', () => {
  const DAY_OR_TIME = `a date, or ${DATE_TIME}`;
  const usage = () => `/analytics/user/${ana.id}/timeseries`;
  const PARAMETERS: [path: () => string, query: Record<string, string>, messages: string[]][] = [
    [() => '/chat/session', { first: '-1' }, ['first must not be less than 1.']],
    [() => '/chat/session', { first: '101' }, ['first must not be greater than 100.']],
    [() => '/chat/session', { first: 'ten' }, ['first must be a whole number.']],
    [() => '/chat/session', { after: 'x'.repeat(201) }, ['after must have at most 200 characters.']],
    [() => '/chat/session', { one: '1', two: '2' }, ['one is not a known parameter.', 'two is not a known parameter.']],
    [usage, { from: '2026-02-01', to: '2026-01-01' }, ['from must not be after the end of the range.']],
    [usage, { from: 'x', to: '2026-13-01' }, [`from must be ${DAY_OR_TIME}.`, `to must be ${DAY_OR_TIME}.`]],
    [usage, { bucket: 'week' }, ['bucket must be one of day, hour.']],
  ];

  it.each(PARAMETERS)('of %s, %j', async (path, query, messages) => {
    const { status, body } = await send<Problem>(`GET ${path()}`, { token: ana.token, query });
    expect({ status, code: body.code, messages: body.issues?.map(({ message }) => message) }).toEqual({
      status: 400,
      code: 'BAD_USER_INPUT',
      messages,
    });
  });
});

describe('GET /chat/message/:id', () => {
  it('of a message that is not there speaks of a message', async () => {
    const { status, body } = await send<Problem>('GET /chat/message/zzz', { token: ana.token });
    expect({ status, detail: body.detail }).toEqual({ status: 404, detail: 'No such chat message.' });
  });
});

describe('a GraphQL operation', () => {
  const refused = async (query: string, variables: Record<string, unknown> = {}) => {
    const { errors } = await sendGraphql(system.url, { query, variables, token: ana.token });
    return errors.map(({ message, extensions }) => ({
      code: extensions.code,
      message,
      paths: extensions.issues?.map(({ path }) => path),
    }));
  };

  const OPERATIONS: [query: string, variables: Record<string, unknown>, path: string, message: string][] = [
    ['{ me { images(first: -1) { edges { cursor } } } }', {}, 'first', 'first must not be less than 1.'],
    [
      '{ me { images(filter: { status: 1 }) { edges { cursor } } } }',
      {},
      'filter.status',
      'filter.status must not be less than 100.',
    ],
    ['{ chatSessions(first: 0) { edges { cursor } } }', {}, 'first', 'first must not be less than 1.'],
    ['{ me { usage(range: { from: "garbage" }) { from } } }', {}, 'range.from', `range.from must be ${DATE_TIME}.`],
    [
      'query ($range: TimeRangeInput) { me { usage(range: $range) { from } } }',
      { range: { from: 'garbage' } },
      'range.from',
      `range.from must be ${DATE_TIME}.`,
    ],
    [
      'query ($from: DateTimeISO) { me { usage(range: { from: $from }) { from } } }',
      { from: 'garbage' },
      'from',
      `from must be ${DATE_TIME}.`,
    ],
    [
      '{ me { usage(range: { from: "2026-02-01T00:00:00Z", to: "2026-01-01T00:00:00Z" }) { from } } }',
      {},
      'range.from',
      'range.from must not be after the end of the range.',
    ],
    ['mutation { summarize(input: { text: 5 }) { id } }', {}, 'input.text', 'input.text must be a string.'],
    [
      'mutation { summarize(input: { text: "A.", length: tiny }) { id } }',
      {},
      'input.length',
      'input.length must be one of short, med, long.',
    ],
    [
      'mutation { sendChatMessage(input: { sessionId: "x", messages: [{ role: user }] }) { id } }',
      {},
      'input.messages[0].content',
      'input.messages[0].content is required.',
    ],
    [
      'mutation ($message: ChatMessageInput!) { sendChatMessage(input: { sessionId: "x", messages: [$message] }) { id } }',
      { message: { role: 'user', content: '' } },
      'input.messages[0].content',
      'input.messages[0].content must not be empty.',
    ],
    [
      'mutation { generateImage(input: { prompt: "x", colour: "red" }) { id } }',
      {},
      'input.colour',
      'input.colour is not a known field.',
    ],
  ];

  it.each(OPERATIONS)('%s %j is refused at %s: %s', async (query, variables, path, message) => {
    expect(await refused(query, variables)).toEqual([{ code: 'BAD_USER_INPUT', message, paths: [path] }]);
  });

  it('over HTTP cannot subscribe, and is told where that is possible', async () => {
    const { status, errors } = await sendGraphql(system.url, {
      query: 'subscription { chatMessage(id: "x") { seq } }',
      token: ana.token,
    });
    expect({ status, message: errors[0]?.message }).toEqual({
      status: 400,
      message:
        'Subscriptions run over WebSocket (graphql-transport-ws) at this address; over HTTP, POST /chat/message streams server-sent events.',
    });
  });
});
