import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { graphqlData } from '../support/graphql-client.js';
import { restClient, signUp, type Account, type RestClient } from '../support/rest-client.js';
import { startSystem, type System } from '../support/system.js';

const ROUTES = [
  ['POST /image/generate', 'image', { prompt: 'un faro', size: '64x64' }, { prompt: 'otro faro', size: '64x64' }],
  ['POST /summarize', 'summarize', { text: 'Un faro. Dos faros. Tres.' }, { text: 'Un faro. Dos faros.' }],
  [
    'POST /chat/message',
    'chat',
    { sessionId: 'demo', messages: [{ role: 'user', content: 'Hola' }] },
    { sessionId: 'demo', messages: [{ role: 'user', content: 'Adiós' }] },
  ],
] as const;

let system: System;
let send: RestClient;
let account: Account;
beforeAll(async () => {
  system = await startSystem();
  send = restClient(system.url);
  account = await signUp(send, 'ada@example.com');
});
afterAll(() => system?.stop());

const recordsOf = async (service: string): Promise<string[]> =>
  (await system.keys(service, 'requests/')).filter((key) => key.endsWith('/record.json'));

describe.each(ROUTES)('%s with an Idempotency-Key', (route, service, json, otherJson) => {
  const ask = (body: object, key: string) =>
    send<{ id: string }>(route, { token: account.token, json: body, headers: { 'idempotency-key': key } });

  it('answers once, however often and however fast it is repeated', async () => {
    const before = await recordsOf(service);
    const replies = await Promise.all(Array.from({ length: 5 }, () => ask(json, 'key-1')));
    const again = await ask(json, 'key-1');
    for (const { status } of replies) expect(status).toBe(200);
    expect(new Set([...replies, again].map(({ text }) => text)).size).toBe(1);
    expect(await recordsOf(service)).toHaveLength(before.length + 1);
  });

  it('refuses another body with 422', async () => {
    await ask(json, 'key-1');
    const { status, body } = await ask(otherJson, 'key-1');
    expect({ status, body }).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_KEY_REUSED', status: 422 } });
  });

  it('answers another user and another key with a record of their own', async () => {
    const first = await ask(json, 'key-1');
    const other = await ask(json, 'key-2');
    const { token } = await signUp(send, `${service}@example.com`);
    const theirs = await send<{ id: string }>(route, { token, json, headers: { 'idempotency-key': 'key-1' } });
    expect(new Set([first.body.id, other.body.id, theirs.body.id]).size).toBe(3);
  });

  it.each([
    ['an empty key', ''],
    ['a key with a space', 'a b'],
    ['a key of 256 characters', 'x'.repeat(256)],
  ])('refuses %s by its name', async (_name, key) => {
    const { status, body } = await ask(json, key);
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'BAD_USER_INPUT', issues: [{ path: 'idempotencyKey' }] });
  });
});

describe('SendChatMessageInput.idempotencyKey', () => {
  const SEND = `mutation ($input: SendChatMessageInput!) { sendChatMessage(input: $input) { id } }`;

  it('is the same key as the header, and a turn is in its session once', async () => {
    const { token } = await signUp(send, 'grace@example.com');
    const messages = [{ role: 'user', content: 'Hola' }];
    const input = { sessionId: 'once', messages, idempotencyKey: 'key-3' };
    const ask = () =>
      graphqlData<{ sendChatMessage: { id: string } }>(system.url, { query: SEND, variables: { input }, token });
    const { sendChatMessage } = await ask();
    expect((await ask()).sendChatMessage).toEqual(sendChatMessage);
    const json = { sessionId: 'once', messages };
    const headers = { 'idempotency-key': 'key-3' };
    expect((await send('POST /chat/message', { token, json, headers })).body['id']).toBe(sendChatMessage.id);
    const session = await send('GET /chat/session/once', { token });
    expect(session.body).toMatchObject({
      turnCount: 1,
      s3Keys: { records: [expect.stringContaining(sendChatMessage.id)] },
    });
  });
});
