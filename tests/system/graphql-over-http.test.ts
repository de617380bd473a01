import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { serverAudits } from 'graphql-http';
import { isErrorCode } from '#shared/errors/error-codes.js';
import { restClient, signUp, type RestClient, type RestReply } from '../support/rest-client.js';
import { startSystem, type System } from '../support/system.js';

interface Refusal {
  readonly data?: unknown;
  readonly errors: readonly { message: string; extensions: { code: string; retryable: boolean } }[];
}

/** What the audits would like and this server does not do, and why. */
const NOT_MET: Readonly<Record<string, string>> = {
  '572B': 'A document that cannot be parsed is a 400 in either media type, so that a client, proxy or monitor sees it.',
  FDE2: 'A document that is not valid is a 400 in either media type, for the same reason.',
  '7B9B': 'Variables of the wrong type are a 400 in either media type, for the same reason.',
};

let system: System;
let send: RestClient;

beforeAll(async () => {
  // The audits come in the same minute from the same address.
  system = await startSystem({ RATE_LIMIT_PER_MIN: '10000' });
  send = restClient(system.url);
});
afterAll(() => system?.stop());

const post = (json: unknown, headers: Record<string, string> = {}) =>
  send<Refusal>('POST /graphql', { json, headers: { 'content-type': 'application/json', ...headers } });

function expectRefusal({ status, body, text }: RestReply<Refusal>, code: string): void {
  expect({ status, text }).toMatchObject({ status: 400 });
  expect(body).not.toHaveProperty('data');
  expect(body.errors.map(({ extensions }) => extensions)).toEqual([{ code, retryable: false }]);
}

describe('GraphQL over HTTP, as its audits see it', () => {
  const audits = serverAudits({
    url: () => `${system.url}/graphql`,
    // Without it a GET is refused, because a browser could be made to send it from anywhere.
    fetchFn: (url: string, init?: RequestInit) => {
      const headers = new Headers(init?.headers);
      headers.set('apollo-require-preflight', 'true');
      return fetch(url, { ...init, headers });
    },
  });

  it.each(audits.filter(({ id }) => !(id in NOT_MET)))('$id: $name', async ({ fn }) => {
    const result = await fn();
    expect(result.status === 'ok' ? 'ok' : `${result.reason}; ${await result.response.clone().text()}`).toBe('ok');
  });

  it.each(Object.entries(NOT_MET))('%s is still not met: %s', async (id) => {
    const audit = audits.find((candidate) => candidate.id === id);
    expect((await audit?.fn())?.status).toMatch(/^(notice|warn|error)$/);
  });
});

describe('POST /graphql', () => {
  const TWO = 'query A { __typename } query B { __typename }';

  it('asks for the name when a document has several operations', async () => {
    expectRefusal(await post({ query: TWO }), 'OPERATION_RESOLUTION_FAILURE');
    expectRefusal(await post({ query: TWO, operationName: 'C' }), 'OPERATION_RESOLUTION_FAILURE');
    expect((await post({ query: TWO, operationName: 'B' })).body).toEqual({ data: { __typename: 'Query' } });
  });

  it('refuses a document without any operation', async () => {
    const reply = await post({ query: 'fragment F on Query { __typename }' });
    expect(reply.status).toBe(400);
    expect(reply.body.errors[0]?.extensions.code).toMatch(/^GRAPHQL_VALIDATION_FAILED$|^OPERATION_RESOLUTION_FAILURE$/);
  });

  it.each([
    ['a subscription', 'subscription { __typename }'],
    ['one with a directive at its root', 'subscription ($x: Boolean!) { ... @skip(if: $x) { __typename } }'],
  ])('refuses %s, which it cannot stream', async (_case, query) => {
    const reply = await post({ query, variables: { x: false } });
    expect({ status: reply.status, text: reply.text }).toMatchObject({ status: 400 });
    expect(reply.body.errors[0]?.extensions.code).toMatch(/^BAD_REQUEST$|^GRAPHQL_VALIDATION_FAILED$/);
  });

  it('says what is wrong with a document that cannot be parsed', async () => {
    const reply = await post({ query: '{ me { email ' });
    expectRefusal(reply, 'GRAPHQL_PARSE_FAILED');
    expect(reply.body.errors[0]?.message).toContain('Syntax Error');
  });

  it('says which field is unknown, and does not guess at what was meant', async () => {
    const reply = await post({ query: '{ me { emial } }' });
    expectRefusal(reply, 'GRAPHQL_VALIDATION_FAILED');
    expect(reply.body.errors[0]?.message).toContain('emial');
    expect(reply.text).not.toMatch(/did you mean|"email"/i);
  });

  it('refuses a document of more than 5000 tokens', async () => {
    const reply = await post({ query: `{ ${'__typename '.repeat(5_000)} }` });
    const code = reply.body.errors[0]?.extensions.code;
    expect({ status: reply.status, isKnown: isErrorCode(code) }).toEqual({ status: 400, isKnown: true });
    expect(reply.text).toMatch(/5000 tokens/);
  });

  it('refuses several requests in one', async () => {
    expectRefusal(await post([{ query: '{ __typename }' }, { query: '{ __typename }' }]), 'BAD_REQUEST');
    expectRefusal(await post([]), 'BAD_REQUEST');
  });

  it.each([
    ['an empty body', '', 'application/json', 400, 'BAD_REQUEST'],
    ['no JSON', '{ "query": ', 'application/json', 400, 'BAD_REQUEST'],
    ['text', '{ __typename }', 'text/plain', 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['a form', 'query={__typename}', 'application/x-www-form-urlencoded', 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['a document as its body', '{ __typename }', 'application/graphql', 415, 'UNSUPPORTED_MEDIA_TYPE'],
  ])('refuses %s in words', async (_case, json, type, status, code) => {
    const reply = await send<{ code: string; detail: string }>('POST /graphql', {
      json,
      headers: { 'content-type': type },
    });
    expect({ status: reply.status, code: reply.body.code }).toEqual({ status, code });
    expect(reply.body.detail.length).toBeGreaterThan(10);
  });

  it.each<[field: string, values: unknown[]]>([
    ['query', [7, true, ['{ __typename }'], { kind: 'Document' }, null, '']],
    ['variables', [7, true, ['x'], '{}']],
    ['operationName', [7, true, ['x'], {}]],
    ['extensions', [7, true, ['x'], '{}']],
  ])('refuses a wrong type of %s', async (field, values) => {
    for (const value of values) expectRefusal(await post({ query: '{ __typename }', [field]: value }), 'BAD_REQUEST');
  });

  it.each([
    ['JSON', 'null'],
    ['JSON', '7'],
    ['JSON', '"{ __typename }"'],
    ['JSON', '{}'],
  ])('refuses %s that is no request: %s', async (_case, json) => {
    expectRefusal(await post(json), 'BAD_REQUEST');
  });

  it('says that it keeps no persisted queries, in the words that clients know', async () => {
    const persistedQuery = { version: 1, sha256Hash: 'a'.repeat(64) };
    const reply = await post({ extensions: { persistedQuery } });
    expectRefusal(reply, 'BAD_REQUEST');
    expect(reply.body.errors[0]?.message).toBe('PersistedQueryNotSupported');
  });
});

describe('GET /graphql', () => {
  const get = (query: string, headers: Record<string, string>) =>
    send<Refusal>('GET /graphql', { query: { query }, headers });

  it('is refused without a header that only a script of an allowed origin can set', async () => {
    expectRefusal(await get('{ __typename }', {}), 'BAD_REQUEST');
  });

  it('runs no mutation', async () => {
    const { token } = await signUp(send, 'ana@example.com');
    const headers = { authorization: `Bearer ${token}`, 'apollo-require-preflight': 'true' };
    const reply = await get('mutation { logout }', headers);
    expect({ status: reply.status, allow: reply.headers['allow'] }).toEqual({ status: 405, allow: 'POST' });
    expect((await send('GET /users/me', { token })).status).toBe(200);
  });
});
