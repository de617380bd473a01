import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { LLM_SERVICES } from '#shared/events/usage-event.js';
import { startProviderDouble, type ProviderDouble, type ReceivedCall } from '../support/provider-double.js';
import { restClient, signUp, type Account, type RestClient, type RestReply } from '../support/rest-client.js';
import { authClient } from '../support/auth-client.js';
import { graphqlData } from '../support/graphql-client.js';
import { drained } from '../support/drained.js';
import { placesOf } from './places-of-words.js';
import { startSystem, type System } from '../support/system.js';

const CANARY = 'Xanthoria parietina';
const FAIL = 'fail for once';
const PROMPT = `Dime: ¿qué es ${CANARY}? ${CANARY} es un liquen. ${CANARY} crece en la costa.`;

const hashOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

/** A model that repeats what it is told, also where it fails. */
function repeat({ body }: ReceivedCall, response: ServerResponse): void {
  const said = body.messages?.at(-1)?.content ?? JSON.stringify(body);
  const isFailure = !body.messages || said.includes(FAIL);
  const completion = { choices: [{ index: 0, message: { role: 'assistant', content: said }, finish_reason: 'stop' }] };
  const failure = { error: { message: `cannot do: ${said}`, type: 'server_error', param: null, code: null } };
  response.writeHead(isFailure ? 500 : 200, { 'content-type': 'application/json' });
  const about = { id: 'x', object: 'chat.completion', created: 1, model: 'some-model' };
  response.end(JSON.stringify(isFailure ? failure : { ...about, ...completion }));
}

const providers: Record<string, () => Promise<{ env: Record<string, string>; double?: ProviderDouble }>> = {
  'the offline provider': async () => ({ env: {} }),
  'a provider that repeats everything': async () => {
    const double = await startProviderDouble();
    double.respond = repeat;
    const env = { LLM_PROVIDER: 'openai-compatible', LLM_BASE_URL: double.baseUrl, LLM_MODEL: 'some-model' };
    return { double, env: { ...env, LLM_MAX_RETRIES: '0' } };
  },
};

describe.each(Object.entries(providers))('PROMPT_STORAGE=hash with %s', (_name, open) => {
  let system: System;
  let send: RestClient;
  let account: Account;
  let double: ProviderDouble | undefined;
  let replies: Record<(typeof LLM_SERVICES)[number], RestReply>;
  const post = (path: string, json: object): Promise<RestReply> => send(`POST ${path}`, { token: account.token, json });

  beforeAll(async () => {
    const provider = await open();
    ({ double } = provider);
    system = await startSystem({ ...provider.env, PROMPT_STORAGE: 'hash', LOG_LEVEL: 'trace' });
    send = restClient(system.url);
    account = await signUp(send, 'ada@example.com');
    const messages = [{ role: 'user', content: PROMPT }];
    replies = {
      image: await post('/image/generate', { prompt: PROMPT, size: '64x64' }),
      summarize: await post('/summarize', { text: PROMPT, length: 'long' }),
      chat: await post('/chat/message', { sessionId: 'demo', messages }),
    };
    await post('/chat/message', {
      sessionId: 'demo',
      messages: [...messages, { role: 'user', content: `${CANARY} ${FAIL}` }],
    });
    await post('/summarize', { text: `${CANARY} ${FAIL}`, length: CANARY });
    await post('/summarize', { text: `${CANARY} ${FAIL}` });
    await drained(system);
  });
  afterAll(async () => {
    await system?.stop();
    double?.close();
  });

  it('keeps no word of what was asked in any object, event or log line', async () => {
    const { places, count } = await placesOf(/xanthoria|parietina/i, system, { userId: account.id, events: 5 });
    expect(places).toEqual([]);
    expect(count).toBeGreaterThan(25);
  });

  it('has the hash in the record and in the input, where the words would be', async () => {
    for (const service of LLM_SERVICES) {
      const key = (await system.keys(service, 'requests/')).find((one) => one.endsWith('/record.json')) ?? '';
      const record = await system.json(service, key);
      expect(record).toMatchObject({
        prompt: hashOf(PROMPT),
        promptHash: hashOf(PROMPT),
        meta: { promptStorage: 'hash' },
      });
      const input = await system.object(service, key.replace('record.json', 'input.json'));
      expect(input.toString()).toContain(hashOf(PROMPT));
    }
  });

  it('answers with the text, once', async () => {
    const { summarize, chat } = replies;
    expect([summarize.status, chat.status]).toEqual([200, 200]);
    expect(String(summarize.body['summary'])).toMatch(/\w+/);
    expect(String(summarize.body['summary'])).not.toMatch(/sha256/);
    expect(chat.body['assistantMessage']).toMatchObject({
      role: 'assistant',
      content: expect.not.stringMatching('sha256'),
    });
    const later = await send(`GET /summarize/${String(summarize.body['id'])}`, { token: account.token });
    expect(later).toMatchObject({ status: 200, body: { status: 200, summary: null } });
  });

  it('keeps no conversation: the session has its turns, and no message', async () => {
    const { body } = await send('GET /chat/session/demo', { token: account.token });
    expect(body).toMatchObject({ title: null });
    expect(body['turnCount']).toBe((await system.keys('chat', 'sessions/')).length - 1);
  });

  it('cannot be loosened by a user', async () => {
    for (const wish of ['hash', 'plain']) {
      const query = `mutation { updatePromptStorage(promptStorage: ${wish}) { promptStorage } }`;
      await graphqlData(system.url, { query, token: account.token });
    }
    const { accessToken: token } = await authClient(system.url).rotate(account.refreshToken);
    const json = { sessionId: 'loose', messages: [{ role: 'user', content: PROMPT }] };
    expect((await send('POST /chat/message', { token, json })).status).toBe(200);
    await drained(system);
    const { places } = await placesOf(/xanthoria|parietina/i, system, { userId: account.id, events: 6 });
    expect(places).toEqual([]);
  });
});
