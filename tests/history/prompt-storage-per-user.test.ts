import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ChatClient, readAll, textOf } from '../chat/chat-client.js';
import { SseReply } from '../chat/sse-client.js';
import { authClient } from '../support/auth-client.js';
import { eventually } from '../support/eventually.js';
import { graphqlData } from '../support/graphql-client.js';
import { restClient, signUp, type Account, type RestClient } from '../support/rest-client.js';
import { startSystem, type System } from '../support/system.js';
import { drained } from '../support/drained.js';
import { placesOf } from './places-of-words.js';

const UPDATE = 'mutation ($wish: PromptStorage!) { updatePromptStorage(promptStorage: $wish) { promptStorage } }';
const promptOf = (word: string): string => `What is ${word}? ${word} is a lichen. ${word} grows at the coast.`;

let system: System;
let send: RestClient;
let ana: Account;
let bob: Account;

/** The user wishes so, and has a token that says it. */
async function wish(user: Account, promptStorage: string): Promise<Account> {
  await graphqlData(system.url, { query: UPDATE, variables: { wish: promptStorage }, token: user.token });
  const next = await authClient(system.url).rotate(user.refreshToken);
  return { ...user, token: next.accessToken, refreshToken: next.refreshToken };
}

/** Five requests: of each service by REST, and of chat by WebSocket and by server-sent events, too. */
async function askEverywhere({ token }: Account, prompt: string): Promise<void> {
  const messages = [{ role: 'user', content: prompt }];
  const replies = [
    await send('POST /image/generate', { token, json: { prompt, size: '64x64' } }),
    await send('POST /summarize', { token, json: { text: prompt, length: 'long' } }),
    await send('POST /chat/message', { token, json: { sessionId: 'rest', messages } }),
  ];
  expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
  const socket = new ChatClient(system.url, token);
  expect(textOf(await readAll(socket.send('socket', prompt)))).toMatch(/\w/);
  await socket.close();
  const stream = await SseReply.open(system.url, 'POST /chat/message', { token, json: { sessionId: 'sse', messages } });
  expect((await stream.rest()).at(-1)?.event).toBe('message');
}

describe('a user’s own promptStorage', () => {
  let before: Account;
  beforeAll(async () => {
    system = await startSystem({ PROMPT_STORAGE: 'plain', LOG_LEVEL: 'trace', REVOCATION_LAG: '1s' });
    send = restClient(system.url);
    [before, bob] = [await signUp(send, 'ana@example.com'), await signUp(send, 'bob@example.com')];
    ana = await wish(before, 'hash');
    await askEverywhere(ana, promptOf('Xanthoria-parietina'));
    await askEverywhere(bob, promptOf('Physcia-4402'));
    await drained(system);
  });
  afterAll(() => system?.stop());

  it('of hash keeps no word in any object, event or log line, whichever door it came by', async () => {
    const { places, count } = await placesOf(/xanthoria|parietina/i, system, { userId: ana.id, events: 5 });
    expect(places).toEqual([]);
    expect(count).toBeGreaterThan(50);
  });

  it('changes nothing for the others', async () => {
    const { places } = await placesOf(/physcia/i, system, { userId: bob.id, events: 5 });
    for (const [service, records] of [
      ['image', 1],
      ['summarize', 1],
      ['chat', 3],
    ] as const) {
      const found = places.filter((place) => place.startsWith(`${service} `) && place.endsWith('/record.json'));
      expect([service, found.length]).toEqual([service, records]);
    }
  });

  it('ends the tokens that do not say it yet', async () => {
    await eventually('the token from before is refused', async () => {
      const { status } = await send('GET /chat/session', { token: before.token });
      return status === 401;
    });
    expect((await send('GET /chat/session', { token: ana.token })).status).toBe(200);
  });

  it('keeps words again from when it is plain', async () => {
    const loose = await wish(ana, 'plain');
    const content = promptOf('Ramalina-5513');
    const json = { sessionId: 'plain', messages: [{ role: 'user', content }] };
    expect((await send('POST /chat/message', { token: loose.token, json })).status).toBe(200);
    await drained(system);
    expect((await placesOf(/xanthoria/i, system, { userId: ana.id, events: 6 })).places).toEqual([]);
    expect((await placesOf(/ramalina/i, system, { userId: ana.id, events: 6 })).places).not.toEqual([]);
  });
});
