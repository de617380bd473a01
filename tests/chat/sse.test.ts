import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { signUp, type Account, type RestClient } from '../support/rest-client.js';
import type { System } from '../support/system.js';
import { SseReply, textOf } from './sse-client.js';
import { startStreamingSystem, type ChatSystem } from './chat-system.js';
import type { Answer, StreamingProvider } from './streaming-provider.js';

const REQUEST_ID = '0198c0de-aaaa-4000-8000-000000000000';
const UNKNOWN_ID = '0198c0de-0000-7000-8000-000000000000';

let started: ChatSystem<StreamingProvider>;
let provider: StreamingProvider;
let system: System;
let send: RestClient;
let ana: Account;
let bob: Account;

beforeAll(async () => {
  started = await startStreamingSystem({ LLM_MAX_RETRIES: '0' });
  ({ provider, system, send, ana } = started);
  bob = await signUp(send, 'bob@example.com');
});
afterAll(async () => {
  await started?.stop();
});

const message = (sessionId: string, content = 'Hola') => ({ sessionId, messages: [{ role: 'user', content }] });

interface Begun {
  readonly reply: SseReply;
  readonly answer: Answer;
  readonly id: string;
}

/** A stream whose first piece, `said`, has arrived. */
async function begun(sessionId: string, said: string, headers: Record<string, string> = {}): Promise<Begun> {
  const opening = SseReply.open(system.url, 'POST /chat/message', {
    token: ana.token,
    json: message(sessionId),
    headers,
  });
  const answer = await provider.nextAnswer();
  answer.say(said);
  const reply = await opening;
  const first = await reply.next();
  expect(first).toMatchObject({ event: 'delta', data: { seq: 1, delta: said } });
  const id = String(first.data['id']);
  expect(first.id).toBe(`${id}:1`);
  return { reply, answer, id };
}

const join = (id: string, options: { token?: string; headers?: Record<string, string> } = {}): Promise<SseReply> =>
  SseReply.open(system.url, `GET /chat/message/${id}`, { token: ana.token, ...options });

describe('POST /chat/message with Accept: text/event-stream', () => {
  it('brings each piece while the provider is still at it, then the plain reply with what it took', async () => {
    const { reply, answer, id } = await begun('live', 'Buenos ', { 'x-request-id': REQUEST_ID });
    expect(reply.status).toBe(200);
    expect(reply.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
      'x-request-id': REQUEST_ID,
      vary: expect.stringContaining('accept'),
      ratelimit: expect.stringContaining('"sendChatMessage"'),
    });
    answer.say('días');
    expect(await reply.next()).toMatchObject({ id: `${id}:2`, event: 'delta', data: { id, seq: 2, delta: 'días' } });
    answer.finish();
    const [last, ...more] = await reply.rest();
    expect(more).toEqual([]);
    expect(last).toEqual({
      id: `${id}:end`,
      event: 'message',
      data: {
        id,
        sessionId: 'live',
        assistantMessage: { role: 'assistant', content: 'Buenos días' },
        s3: { record: expect.stringContaining(id), output: expect.stringContaining(id) },
        status: 200,
        usage: {
          provider: expect.any(String),
          model: 'double-1',
          latencyMs: expect.any(Number),
          tokens: { in: 11, out: 7 },
          cost: expect.objectContaining({}),
        },
      },
    });
    expect((await system.events(ana.id, 1)).filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it('goes on after a broken line with Last-Event-ID, by the same request or by GET: nothing is lost or comes twice', async () => {
    const { reply, answer, id } = await begun('broken', 'uno ');
    answer.say('dos ');
    const seen = [await reply.next()];
    reply.cut();
    answer.say('tres ');
    const again = await SseReply.open(system.url, 'POST /chat/message', {
      token: ana.token,
      json: message('broken'),
      headers: { 'last-event-id': seen[0]?.id ?? '' },
    });
    seen.push(await again.next());
    again.cut();
    answer.say('cuatro');
    const got = await join(id, { headers: { 'last-event-id': seen.at(-1)?.id ?? '' } });
    seen.push(await got.next());
    answer.finish();
    seen.push(...(await got.rest()));
    expect(seen.map((event) => event.id)).toEqual([`${id}:2`, `${id}:3`, `${id}:4`, `${id}:end`]);
    expect(textOf(seen)).toBe('dos tres cuatro');
    expect(seen.at(-1)?.data['assistantMessage']).toMatchObject({ content: 'uno dos tres cuatro' });
    const asked = provider.double.calls.filter(({ body }) => body.messages?.at(-1)?.content === 'Hola');
    expect(asked).toHaveLength(2);
  });

  it('tells a client that has seen the end to come back no more', async () => {
    const { reply, answer, id } = await begun('ended', 'Ya');
    answer.finish();
    await reply.rest();
    const headers = { 'last-event-id': `${id}:end` };
    expect((await join(id, { headers })).status).toBe(204);
  });

  it('answers what is wrong before the stream as any other request is answered', async () => {
    const calls = provider.double.calls.length;
    const refused = await SseReply.open(system.url, 'POST /chat/message', {
      token: ana.token,
      json: message('../x', ''),
    });
    expect(refused.status).toBe(400);
    expect(refused.headers['content-type']).toContain('application/problem+json');
    const plain = await send('POST /chat/message', { token: ana.token, json: message('../x', '') });
    const { requestId: _one, ...problem } = await refused.problem();
    const { requestId: _other, ...same } = plain.body;
    expect(problem).toEqual(same);
    expect(problem).toMatchObject({ code: 'BAD_USER_INPUT' });
    const unknown = await SseReply.open(system.url, 'POST /chat/message', {
      token: ana.token,
      json: { ...message('x'), colour: 'red' },
    });
    expect(await unknown.problem()).toMatchObject({ status: 400, issues: [{ path: 'colour', rule: 'unknownField' }] });
    const empty = await SseReply.open(system.url, 'POST /chat/message', { token: ana.token });
    expect(await empty.problem()).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
    expect(provider.double.calls).toHaveLength(calls);
  });

  it('answers a provider that fails before it says anything as the plain request does', async () => {
    const opening = SseReply.open(system.url, 'POST /chat/message', { token: ana.token, json: message('silent') });
    (await provider.nextAnswer()).cut();
    const refused = await opening;
    expect(refused.status).toBe(502);
    expect(await refused.problem()).toMatchObject({ code: 'UPSTREAM_ERROR', status: 502 });
  });

  it('ends with a problem when the provider breaks off', async () => {
    const { reply, answer, id } = await begun('failing', 'Pues');
    answer.cut();
    const [last, ...more] = await reply.rest();
    expect(more).toEqual([]);
    expect(last).toMatchObject({
      id: `${id}:end`,
      event: 'error',
      data: { type: 'about:blank', status: 502, code: 'UPSTREAM_ERROR', requestId: reply.headers['x-request-id'] },
    });
  });

  it('is for who is signed in', async () => {
    const refused = await SseReply.open(system.url, 'POST /chat/message', { json: message('x') });
    expect(refused.status).toBe(401);
    expect(await refused.problem()).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it.each(['no-colon', 'id:x', 'id:-1', `${UNKNOWN_ID}:12345678901`, '../x:1'])(
    'refuses the Last-Event-ID %p',
    async (id) => {
      const headers = { 'last-event-id': id };
      const refused = await SseReply.open(system.url, 'POST /chat/message', {
        token: ana.token,
        json: message('x'),
        headers,
      });
      expect(await refused.problem()).toMatchObject({ status: 400, issues: [{ path: 'Last-Event-ID' }] });
    },
  );
});

describe('GET /chat/message/:id', () => {
  it('answers the finished turn; as events, all of it', async () => {
    const { reply, answer, id } = await begun('turn', 'Hecho');
    answer.finish();
    await reply.rest();
    const turn = await send(`GET /chat/message/${id}`, { token: ana.token });
    expect(turn.status).toBe(200);
    expect(turn.body).toEqual({
      id,
      sessionId: 'turn',
      status: 200,
      assistantMessage: { role: 'assistant', content: 'Hecho' },
      s3Keys: {
        record: expect.stringContaining(id),
        input: expect.stringContaining(id),
        output: expect.stringContaining(id),
        message: expect.stringContaining(id),
      },
      urls: { record: expect.stringContaining('http'), output: expect.stringContaining('http') },
      usage: expect.objectContaining({ model: 'double-1', tokens: { in: 11, out: 7 } }),
      meta: expect.objectContaining({ finishReason: 'stop' }),
    });
    const events = await (await join(id)).rest();
    expect(events.map(({ event }) => event)).toEqual(['delta', 'message']);
    expect(events.at(-1)?.data).toMatchObject({ id, usage: turn.body['usage'] });
  });

  it('of somebody else looks like one that does not exist', async () => {
    const { reply, answer, id } = await begun('private', 'secreto');
    const refusal = async (asked: string, accept: string): Promise<unknown> => {
      const refused = await join(asked, { token: bob.token, headers: { accept } });
      const { requestId: _requestId, ...problem } = await refused.problem();
      return problem;
    };
    for (const accept of ['text/event-stream', 'application/json']) {
      const foreign = await refusal(id, accept);
      expect(foreign).toMatchObject({ status: 404, code: 'NOT_FOUND' });
      expect(await refusal(UNKNOWN_ID, accept)).toEqual(foreign);
    }
    answer.finish();
    await reply.rest();
    expect(await refusal(id, 'application/json')).toMatchObject({ status: 404 });
  });

  it('refuses a Last-Event-ID of another message', async () => {
    const refused = await join(UNKNOWN_ID, { headers: { 'last-event-id': '0198c0de-1111-7000-8000-000000000000:1' } });
    expect(await refused.problem()).toMatchObject({
      status: 400,
      issues: [{ path: 'Last-Event-ID', rule: 'message' }],
    });
  });
});
