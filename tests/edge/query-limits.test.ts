import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getIntrospectionQuery } from 'graphql';
import { isErrorCode } from '#shared/errors/error-codes.js';
import { authClient, type NewAccount } from '../support/auth-client.js';
import { startEdgeSystem, type EdgeSystem } from '../support/edge-system.js';
import { restClient, type RestClient, type RestReply } from '../support/rest-client.js';

interface Reply {
  readonly data?: Record<string, unknown>;
  readonly errors?: readonly { message: string; extensions: { code: string } }[];
  readonly code?: string;
}

let system: EdgeSystem;
let send: RestClient;
let ana: NewAccount;
beforeAll(async () => {
  system = await startEdgeSystem();
  send = restClient(system.url);
  ana = await authClient(system.url).register();
});
afterAll(() => system?.stop());

/** The answer to what may be an attack. A document that is not stopped takes longer than a test may. */
async function post(json: unknown, url = system.url): Promise<RestReply<Reply>> {
  const reply = await restClient(url)<Reply>('POST /graphql', { json, token: ana.accessToken });
  expect(reply.text).not.toMatch(/stack|RangeError|node_modules/);
  return reply;
}

const codesOf = ({ body }: RestReply<Reply>): string[] =>
  body.code ? [body.code] : (body.errors ?? []).map(({ extensions }) => extensions.code);
const many = (count: number, of: (index: number) => string): string =>
  Array.from({ length: count }, (_, i) => of(i)).join(' ');
const nested = (depth: number, open: string, inner: string, close: string): string =>
  open.repeat(depth) + inner + close.repeat(depth);

/** Each fragment spreads the next one twice: so many levels stand for two to that power of fields. */
const bomb = (levels: number): string =>
  `{ ...F0 } ${many(levels, (i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`)} fragment F${levels} on Query { me { id } }`;

const TOO_COMPLEX: [what: string, query: string][] = [
  ['a bomb of fragments', bomb(40)],
  [
    'a bomb of fragments below a field',
    bomb(40).replace('{ ...F0 }', '{ me { usage { overview { totalRequests } } } ...F0 }'),
  ],
  ['a fragment that spreads itself', '{ ...F } fragment F on Query { me { id } ...F }'],
  ['two that spread each other', '{ ...F } fragment F on Query { ...G } fragment G on Query { ...F }'],
  ['a cycle that no operation reaches', '{ __typename } fragment F on Query { ...G } fragment G on Query { ...F }'],
  ['a flood of aliases', `{ ${many(31, (i) => `a${i}: __typename`)} }`],
  ['a flood of aliases below a field', `{ me { ${many(31, (i) => `a${i}: id`)} } }`],
  [
    'aliases multiplied by fragments',
    `{ me { ...A } x: me { ...A } } fragment A on User { ${many(20, (i) => `a${i}: id`)} }`,
  ],
  ['many root fields', `{ ${many(11, () => '__typename')} }`],
  [
    'many root fields by fragments',
    `{ ${many(11, (i) => `...F${i}`)} } ${many(11, (i) => `fragment F${i} on Query { me { id } }`)}`,
  ],
  ['many root fields of a mutation', `mutation { ${many(11, () => 'logout')} }`],
  ['many fields', `{ me { ${'id '.repeat(501)} } }`],
  [
    'many fields in a fragment that nobody spreads',
    `{ __typename } fragment F on Query { ${'me { id } '.repeat(900)} }`,
  ],
  [
    'many aliases in a fragment that nobody spreads',
    `{ __typename } fragment F on User { ${many(40, (i) => `x: a${i}`)} }`,
  ],
  ['many spreads of what does not exist', `{ ${many(2_000, (i) => `...F${i}`)} }`],
  ['many inline fragments', `{ me { ${'... { id } '.repeat(400)} } }`],
  ['deep nesting', nested(13, '{ me ', '{ id }', '}')],
  ['very deep nesting', nested(2_400, '{ a ', '{ a }', '}')],
  ['deeply nested inline fragments', nested(1_600, '{ ... ', '{ __typename }', '}')],
  [
    'deep nesting by fragments',
    `{ ...F0 } ${many(13, (i) => `fragment F${i} on Query { me { ...F${i + 1} } }`)} fragment F13 on User { id }`,
  ],
  ['a deeply nested list', `{ image(id: ${nested(2_480, '[', '', ']')}) { id } }`],
  ['a deeply nested object', `{ image(id: ${nested(1_600, '{ a: ', '1', '}')}) { id } }`],
  ['deep introspection', `{ __type(name: "User") { fields { ${nested(21, 'type { ofType { ', 'name', '} }')} } } }`],
  ['a flood of directives', `{ me { id ${'@include(if: true) '.repeat(51)} } }`],
  ['a flood of directives on the operation', `query ${'@x '.repeat(51)} { __typename }`],
  ['a flood of directives on a variable', `query ($x: Int ${'@x '.repeat(2_000)}) { __typename }`],
  ['a flood of directives on a fragment', `{ ...F } fragment F on Query ${'@x '.repeat(51)} { __typename }`],
  ['more than 5,000 tokens', `{ ${'id '.repeat(5_000)} }`],
  ['more than 5,000 tokens of variables', `query (${many(1_700, (i) => `$v${i}: Int`)}) { __typename }`],
];

describe('POST /graphql refuses a document before it costs anything', () => {
  it.each(TOO_COMPLEX)('%s', async (_what, query) => {
    const reply = await post({ query });
    expect({ status: reply.status, codes: codesOf(reply) }).toEqual({ status: 400, codes: ['QUERY_TOO_COMPLEX'] });
    expect(reply.body.data).toBeUndefined();
  });

  const EVENT =
    'ts: "2026-01-01T00:00:00Z", service: gateway, action: "x", provider: "x", model: "x", latencyMs: 1, status: 200';
  it.each([10, 60, 200, 700, 1_500])(
    'or refuses what it says, never failing itself: a literal nested %i deep',
    async (depth) => {
      const meta = nested(depth, '{ a: ', '1', '}');
      const requestId = '0198c0de-0000-7000-8000-000000000000';
      const query = `mutation { reportEvent(input: { ${EVENT}, requestId: "${requestId}", meta: ${meta} }) { id } }`;
      const reply = await post({ query });
      expect(['BAD_USER_INPUT', 'BAD_REQUEST', 'QUERY_TOO_COMPLEX']).toContain(codesOf(reply)[0]);
    },
  );

  it.each([100, 2_480])('or refuses what it says, never failing itself: a type nested %i deep', async (depth) => {
    const query = `query ($x: ${nested(depth, '[', 'Int', ']')}) { image(id: $x) { id } }`;
    const reply = await post({ query });
    expect(reply.status).toBe(400);
    expect(codesOf(reply)[0]).toMatch(/^GRAPHQL_VALIDATION_FAILED$|^QUERY_TOO_COMPLEX$/);
  });

  it('also by GET', async () => {
    const headers = { 'apollo-require-preflight': 'true' };
    const reply = await send<Reply>('GET /graphql', { query: { query: bomb(20) }, headers });
    expect({ status: reply.status, codes: codesOf(reply) }).toEqual({ status: 400, codes: ['QUERY_TOO_COMPLEX'] });
  });

  it.each([
    ['300 KB of comments', `${'# nothing\n'.repeat(30_000)}{ __typename }`],
    ['300 KB of white space', `${' '.repeat(300_000)}{ __typename }`],
    ['300 KB of text', `{ image(id: "${'x'.repeat(300_000)}") { id } }`],
  ])('%s', async (_what, query) => {
    const reply = await post({ query });
    expect({ status: reply.status, codes: codesOf(reply) }).toEqual({ status: 413, codes: ['PAYLOAD_TOO_LARGE'] });
  });

  it('answers what is just within the limits', async () => {
    const wide = `{ me { ${many(30, (i) => `a${i}: id`)} ${'id '.repeat(460)} } }`;
    const reply = await post({ query: wide });
    expect({ status: reply.status, errors: reply.body.errors }).toEqual({ status: 200, errors: undefined });
    const roots = await post({ query: `{ ${many(9, (i) => `a${i}: me { id }`)} __typename }` });
    expect(roots.body.errors).toBeUndefined();
  });

  it('refuses the same document again and again, and still answers others', async () => {
    const replies = await Promise.all(Array.from({ length: 20 }, () => post({ query: bomb(60) })));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([400]));
    expect((await post({ query: '{ me { id } }' })).body.data).toEqual({ me: { id: ana.id } });
  });
});

describe('POST /graphql refuses a body', () => {
  const QUERY = 'query ($x: ID!) { image(id: $x) { id } }';

  it.each([
    ['several requests in one', Array.from({ length: 3 }, () => ({ query: '{ __typename }' }))],
    ['a thousand requests in one', Array.from({ length: 1_000 }, () => ({ query: '{ me { id } }' }))],
  ])('%s', async (_what, json) => {
    const reply = await post(json);
    expect({ status: reply.status, codes: codesOf(reply) }).toEqual({ status: 400, codes: ['BAD_REQUEST'] });
  });

  it('larger than 2 MiB', async () => {
    const reply = await post({ query: QUERY, variables: { x: 'x'.repeat(3_000_000) } });
    expect({ status: reply.status, codes: codesOf(reply) }).toEqual({ status: 413, codes: ['PAYLOAD_TOO_LARGE'] });
  });

  it.each<[what: string, body: string]>([
    ['nested JSON', `{"query":"{ __typename }","variables":{"x":${nested(400_000, '[', '', ']')}}}`],
    ['nested JSON that nobody closes', '['.repeat(1_000_000)],
    [
      'nested variables',
      JSON.stringify({ query: QUERY }).replace(/}$/, `,"variables":{"x":${nested(200_000, '{"a":', '1', '}')}}}`),
    ],
    ['a list for an id', JSON.stringify({ query: QUERY, variables: { x: Array(100_000).fill(1) } })],
    [
      'many variables that are not declared',
      JSON.stringify({
        query: QUERY,
        variables: Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`v${i}`, i])),
      }),
    ],
    ['a prototype', '{"query":"{ __typename }","__proto__":{"x":1}}'],
    ['a constructor', '{"query":"{ __typename }","constructor":{"prototype":{"x":1}}}'],
  ])('or answers it, never failing itself: %s', async (_what, body) => {
    const reply = await post(body);
    expect(reply.status).toBeLessThan(500);
    for (const code of codesOf(reply)) expect({ code, known: isErrorCode(code) }).toEqual({ code, known: true });
    expect(codesOf(reply)).not.toContain('INTERNAL_SERVER_ERROR');
  });

  it.each<[depth: number, code: string]>([
    [20, 'BAD_USER_INPUT'],
    [5_000, 'BAD_REQUEST'],
    [200_000, 'BAD_REQUEST'],
  ])('that nests free JSON %i deep', async (depth, code) => {
    const event = { ts: new Date().toISOString(), service: 'gateway', action: 'view', provider: 'none', model: 'none' };
    const input = JSON.stringify({
      ...event,
      latencyMs: 1,
      status: 200,
      requestId: '0198c0de-0000-7000-8000-000000000000',
    });
    const meta = `,"meta":${nested(depth, '{"a":', '1', '}')}}`;
    const query = 'mutation ($input: ReportEventInput!) { reportEvent(input: $input) { id } }';
    const body = `{"query":${JSON.stringify(query)},"variables":{"input":${input.replace(/}$/, meta)}}}`;
    const byGraphql = await post(body);
    expect(codesOf(byGraphql)).toEqual([code]);
    const byRest = await send<Reply>('POST /analytics/events', {
      json: input.replace(/}$/, meta),
      token: ana.accessToken,
    });
    expect({ status: byRest.status, code: byRest.body.code }).toEqual({ status: 400, code });
  });
});

describe('introspection', () => {
  it('works outside production, suggestions never', async () => {
    const reply = await post({ query: getIntrospectionQuery() });
    expect({ status: reply.status, errors: reply.body.errors }).toEqual({ status: 200, errors: undefined });
    expect((await post({ query: '{ mee { id } }' })).text).not.toMatch(/did you mean/i);
  });

  it('is refused in production, as are the names of what exists', async () => {
    const { program } = await system.addSupergraph({ NODE_ENV: 'production' });
    for (const query of [
      getIntrospectionQuery(),
      '{ __type(name: "User") { name } }',
      '{ __schema { types { name } } }',
    ]) {
      const reply = await post({ query }, program.url);
      expect({ status: reply.status, codes: new Set(codesOf(reply)) }).toEqual({
        status: 400,
        codes: new Set(['GRAPHQL_VALIDATION_FAILED']),
      });
      expect(reply.body.data).toBeUndefined();
    }
    const misspelt = await post({ query: '{ mee { id } me { idd } usage(userIdd: 1) { x } }' }, program.url);
    expect(misspelt.text).not.toMatch(/did you mean/i);
    expect((await post({ query: '{ me { id __typename } }' }, program.url)).body.data).toEqual({
      me: { id: ana.id, __typename: 'User' },
    });
  });
});
