import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { restClient, signUp, type RestClient } from '../support/rest-client.js';
import { startSystem, type System } from '../support/system.js';
import { SseReply } from './sse-client.js';
import { startStreamingProvider, type Answer, type StreamingProvider } from './streaming-provider.js';

const PER_MINUTE = 3;
const STREAMS_PER_USER = 2;

let provider: StreamingProvider;
let system: System;
let send: RestClient;

beforeAll(async () => {
  provider = await startStreamingProvider();
  system = await startSystem({
    LLM_PROVIDER: 'openai-compatible',
    LLM_BASE_URL: provider.double.baseUrl,
    LLM_MODEL: 'double-1',
    STREAM_LINGER: '100ms',
    RATE_LIMIT_PER_MIN: String(PER_MINUTE),
    WS_SOCKETS_PER_USER: String(STREAMS_PER_USER),
    REVOCATION_LAG: '1s',
  });
  send = restClient(system.url);
});
afterAll(async () => {
  await system?.stop();
  provider?.close();
});

interface Begun {
  readonly reply: SseReply;
  readonly answer: Answer;
  readonly id: string;
}

const open = (token: string): Promise<SseReply> =>
  SseReply.open(system.url, 'POST /chat/message', {
    token,
    json: { sessionId: 'limits', messages: [{ role: 'user', content: 'Hola' }] },
  });

async function begun(token: string): Promise<Begun> {
  const opening = open(token);
  const answer = await provider.nextAnswer();
  answer.say('uno');
  const reply = await opening;
  const { data } = await reply.next();
  return { reply, answer, id: String(data['id']) };
}

describe('a stream of events', () => {
  it('whose reader leaves ends at the provider, and the turn is recorded as given up, once', async () => {
    const ana = await signUp(send, 'ana@example.com');
    const { reply, answer } = await begun(ana.token);
    reply.cut();
    await answer.left;
    const events = await system.events(ana.id, 1);
    expect(events.map(({ status }) => status)).toEqual([499]);
  });

  it('is paid for from the budget of the plain request, and refused with 429 when that is used up', async () => {
    const { token } = await signUp(send, 'bob@example.com');
    for (let sent = 0; sent < PER_MINUTE; sent += 1) {
      const { reply, answer } = await begun(token);
      answer.finish();
      await reply.rest();
    }
    const refused = await open(token);
    expect(refused.status).toBe(429);
    expect(refused.headers).toMatchObject({
      'content-type': expect.stringContaining('application/problem+json'),
      'retry-after': expect.stringMatching(/^\d+$/),
    });
    const plain = await send('POST /chat/message', {
      token,
      json: { sessionId: 'limits', messages: [{ role: 'user', content: 'Hola' }] },
    });
    expect(plain.status).toBe(429);
  });

  it('is one of a few that a user may have open; one that ends makes room', async () => {
    const { token } = await signUp(send, 'eve@example.com');
    const one = await begun(token);
    const other = await begun(token);
    const refused = await open(token);
    expect(await refused.problem()).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
    one.answer.finish();
    await one.reply.rest();
    const third = await begun(token);
    for (const { reply, answer } of [other, third]) {
      answer.finish();
      expect((await reply.rest()).at(-1)?.event).toBe('message');
    }
  });

  it('ends with 401 when its session is ended, and can be joined with a new one', async () => {
    const dan = await signUp(send, 'dan@example.com');
    const { reply, answer, id } = await begun(dan.token);
    const login = { email: 'dan@example.com', password: 'secret123' };
    const again = await send<{ accessToken: string }>('POST /auth/login', { json: login });
    const joined = await SseReply.open(system.url, `GET /chat/message/${id}`, { token: again.body.accessToken });
    await send('POST /auth/logout', { token: dan.token });
    expect(await reply.rest()).toMatchObject([{ id: undefined, event: 'error', data: { code: 'UNAUTHENTICATED' } }]);
    answer.say('dos');
    answer.finish();
    expect((await joined.rest()).at(-1)?.data['assistantMessage']).toMatchObject({ content: 'unodos' });
  });
});
