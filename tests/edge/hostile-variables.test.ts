import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startEdgeSystem, type EdgeSystem } from '../support/edge-system.js';
import { restClient, type RestClient } from '../support/rest-client.js';

let system: EdgeSystem;
let send: RestClient;
beforeAll(async () => {
  system = await startEdgeSystem();
  send = restClient(system.url);
});
afterAll(() => system?.stop());

const ACCOUNT = { email: 'ana@example.com', password: 'secret123' };
const manyFields = (count: number, value: unknown) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`field${at}`, value]));

/** Within the size of a body, and more work than there is time for where each fault is told with the whole input. */
const INPUTS: [what: string, input: Record<string, unknown>][] = [
  ['a long value of a field that is not known', { ...ACCOUNT, surprise: 'x'.repeat(1_500_000) }],
  ['a long value of the wrong type', { ...ACCOUNT, email: { at: 'x'.repeat(1_500_000) } }],
  ['a long value that repeats what faults are told by', { ...ACCOUNT, surprise: ' at "a"; '.repeat(150_000) }],
  ['a long email address', { ...ACCOUNT, email: 'a@'.repeat(700_000) }],
  ['an email address behind a long blank', { ...ACCOUNT, email: `x${' '.repeat(1_500_000)}x` }],
  ['a name of a field that is a text', { ...ACCOUNT, ['Field "a" of required type '.repeat(40_000)]: 1 }],
  ['a thousand fields that are not known, of a thousand characters', manyFields(1_000, 'x'.repeat(1_000))],
  ['a hundred thousand fields that are not known', manyFields(100_000, 1)],
];

describe('a document', () => {
  it('of a thousand wrong values is refused at once, and told of a hundred', async () => {
    const messages = '{ role: robot } '.repeat(900);
    const query = `mutation { sendChatMessage(input: { sessionId: "x", messages: [${messages}] }) { id } }`;
    const { status, body } = await send<{ errors: { message: string }[] }>('POST /graphql', { json: { query } });
    expect({ status, told: body.errors.length }).toEqual({ status: 400, told: 101 });
    expect(body.errors[0]?.message).toBe('input.messages[0].content is required.');
  });
});

describe('a public route', () => {
  it.each(INPUTS)('refuses %s at once', async (_what, input) => {
    const rest = await send<{ code: string; detail: string }>('POST /auth/register', { json: input });
    expect({ status: rest.status, code: rest.body.code }).toMatchObject({ status: 400 });
    expect(rest.text.length).toBeLessThan(10_000);
    const query = 'mutation ($input: RegisterInput!) { register(input: $input) { accessToken } }';
    const graphql = await send<{ errors: unknown[] }>('POST /graphql', { json: { query, variables: { input } } });
    expect(graphql.body.errors.length).toBeGreaterThan(0);
    expect(graphql.text.length).toBeLessThan(20_000);
  });
});
