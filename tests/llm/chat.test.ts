import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { request } from 'undici';
import { sendGraphql } from '../support/graphql-client.js';
import { assistant, SEND, startChat, user, type ChatUnderTest } from './chat-under-test.js';
import type { Account } from '../support/llm-subgraph.js';
import { fails, says, USAGE } from '../support/provider-double.js';
import { baseOf, expectRecorded } from '../support/record-expectation.js';

let chat: ChatUnderTest;
let ana: Account;
beforeAll(async () => {
  chat = await startChat();
});
beforeEach(() => {
  chat.double.reset();
  ana = chat.llm.newAccount();
});
afterAll(() => chat?.stop());

describe('Mutation.sendChatMessage', () => {
  it('keeps what was sent, the answer, the turn in its session and the record, just as it replies', async () => {
    const messages = [user('Hola')];
    const reply = await chat.send(ana, 'demo', messages);
    const figures = {
      status: 200,
      error: null,
      provider: 'openai-compatible',
      model: 'some-model',
      cost: { usd: null },
    };
    const tokens = { in: USAGE.prompt_tokens, out: USAGE.completion_tokens };
    expect(reply).toMatchObject({ ...figures, tokens, prompt: 'Hola', sessionId: 'demo' });
    expect(reply.assistantMessage).toEqual(assistant('Very well.'));
    const record = await expectRecorded(chat.llm, reply, { account: ana, input: { sessionId: 'demo', messages } });
    const base = baseOf(reply);
    const session = await chat.find(ana, 'demo');
    const { message } = reply.s3;
    expect(reply.s3).toEqual({
      record: `${base}record.json`,
      input: `${base}input.json`,
      output: `${base}output.json`,
      message: expect.stringMatching(new RegExp(`^sessions/${session.id}/messages/\\d{8}T\\d{9}Z-${reply.id}\\.json$`)),
    });
    expect(record).toMatchObject({
      service: 'chat',
      artifacts: { output: `${base}output.json`, message },
      meta: { params: { sessionId: 'demo' }, action: 'message', finishReason: 'stop' },
    });
    expect(await chat.llm.json(`${base}output.json`)).toEqual({ ...assistant('Very well.'), finishReason: 'stop' });
    expect(await chat.llm.json(message!)).toEqual({
      id: reply.id,
      sessionId: 'demo',
      createdAt: reply.createdAt,
      messages,
      assistantMessage: assistant('Very well.'),
    });
    expect(session.s3).toEqual({
      state: `sessions/${session.id}/state.json`,
      messages: [message],
      records: [`${base}record.json`],
    });
    const download = await request(reply.outputUrl);
    expect(download.headers['content-type']).toBe('application/json');
    expect(await download.body.json()).toMatchObject(assistant('Very well.'));
  });

  it('writes the input and asks the model, then writes the rest, and last of all the record', async () => {
    const { journal } = chat.llm.store;
    const answer = says('Yes.');
    chat.double.respond = (call, response) => {
      journal.push('model');
      return answer(call, response);
    };
    const { event, ...reply } = await chat.send(ana, 'order', [user('In what order?')]);
    await chat.llm.eventOf(event.id);
    const base = baseOf(reply);
    const steps = journal.filter((step) => step === 'model' || (step.startsWith('PUT') && step.includes(reply.id)));
    const between = [`PUT ${reply.s3['message']}`, `PUT ${base}output.json`, `PUT outbox/${reply.id}.json`];
    const own = steps.slice(steps.findLastIndex((step) => step === 'model' || step.endsWith('input.json')) - 1);
    expect(own.slice(0, 2).toSorted()).toEqual([`PUT ${base}input.json`, 'model']);
    expect(own.slice(2, 5).toSorted()).toEqual(between.toSorted());
    expect(own.slice(5)).toEqual([`PUT ${base}record.json`]);
  });

  it('reports one event with the figures of the record', async () => {
    const { event, requestId } = await chat.send(ana, 'demo', [user('Hola')]);
    expect(await chat.llm.eventOf(event.id)).toMatchObject({
      userId: ana.id,
      username: ana.email,
      service: 'chat',
      action: 'message',
      requestId,
      status: 200,
      tokens: { in: USAGE.prompt_tokens, out: USAGE.completion_tokens },
      cost: { usd: null },
    });
  });

  it('shows the model what the session has, then what is new', async () => {
    await chat.send(ana, 'demo', [user('My name is Ana.')]);
    chat.double.respond = says('Ana.');
    await chat.send(ana, 'demo', [user('What is my name?')]);
    expect(chat.shown()).toEqual([user('My name is Ana.'), assistant('Very well.'), user('What is my name?')]);
    const { messages, turnCount, title } = await chat.find(ana, 'demo');
    expect(messages).toEqual([...chat.shown(), assistant('Ana.')]);
    expect({ turnCount, title }).toEqual({ turnCount: 2, title: 'My name is Ana.' });
  });

  it('does not keep twice what a client repeats that sends the whole conversation', async () => {
    await chat.send(ana, 'demo', [user('One')]);
    await chat.send(ana, 'demo', [user('One'), assistant('Very well.'), user('Two')]);
    expect(chat.shown()).toEqual([user('One'), assistant('Very well.'), user('Two')]);
    const { messages } = await chat.find(ana, 'demo');
    expect(messages.map(({ content }) => content)).toEqual(['One', 'Very well.', 'Two', 'Very well.']);
  });

  it('puts the client’s instructions behind ours, in the only system message', async () => {
    await chat.send(ana, 'demo', [{ role: 'system', content: 'Speak like a pirate.' }, user('Hola')]);
    await chat.send(ana, 'demo', [user('And now?')]);
    const system = chat.double.calls.at(-1)!.body.messages!.filter(({ role }) => role === 'system');
    expect(system).toHaveLength(1);
    expect(system[0]!.content).toMatch(/^You are a helpful assistant\.[^]*\n\nSpeak like a pirate\.$/);
  });

  it('asks for the model that the message names', async () => {
    const { model, meta } = await chat.send(ana, 'demo', [user('Hola')], { model: 'larger-model' });
    expect(chat.double.calls[0]?.body.model).toBe('larger-model');
    expect({ model, params: meta.params }).toEqual({
      model: 'larger-model',
      params: { sessionId: 'demo', model: 'larger-model' },
    });
  });

  it('keeps every turn of many at once', async () => {
    const sent = ['a', 'b', 'c', 'd', 'e', 'f'];
    await Promise.all(sent.map((content) => chat.send(ana, 'busy', [user(content)])));
    const { turnCount, messages, s3 } = await chat.find(ana, 'busy');
    expect(turnCount).toBe(6);
    expect(
      messages
        .filter(({ role }) => role === 'user')
        .map(({ content }) => content)
        .toSorted(),
    ).toEqual(sent);
    expect(s3.messages).toHaveLength(6);
  });

  it('leaves the session as it was when the model fails, and can go on', async () => {
    await chat.send(ana, 'demo', [user('One')]);
    chat.double.respond = fails(500);
    const variables = { input: { sessionId: 'demo', messages: [user('Two')] } };
    const { errors } = await sendGraphql(chat.llm.url, { query: SEND, variables, token: ana.token });
    expect(errors[0]?.extensions.code).toBe('UPSTREAM_ERROR');
    expect((await chat.find(ana, 'demo')).turnCount).toBe(1);
    chat.double.respond = says('Again.');
    await chat.send(ana, 'demo', [user('Two')]);
    expect(chat.shown()).toEqual([user('One'), assistant('Very well.'), user('Two')]);
  });

  it.each([
    ['sessionId', 'matches', { sessionId: '' }],
    ['sessionId', 'matches', { sessionId: '../state' }],
    ['sessionId', 'matches', { sessionId: 'x'.repeat(65) }],
    ['sessionId', 'required', { sessionId: undefined }],
    ['messages', 'arrayMinSize', { messages: [] }],
    ['messages', 'required', { messages: undefined }],
    ['messages', 'arrayMaxSize', { messages: Array.from({ length: 51 }, () => user('x')) }],
    ['messages', 'conversation', { messages: [user('x'), assistant('y')] }],
    ['messages', 'conversation', { messages: [user('x'), { role: 'system', content: 'y' }, user('z')] }],
    ['messages[0].content', 'minLength', { messages: [user('')] }],
    ['messages[1].content', 'maxLength', { messages: [user('x'), user('x'.repeat(32_001))] }],
    ['messages[0].role', 'enum', { messages: [{ role: 'robot', content: 'x' }] }],
    ['model', 'minLength', { model: '' }],
    ['model', 'maxLength', { model: 'x'.repeat(101) }],
  ])('refuses a wrong %s by the rule %s (case %#), and asks nobody', async (field, rule, change) => {
    const variables = { input: { sessionId: 'demo', messages: [user('Hola')], ...change } };
    const { errors } = await sendGraphql(chat.llm.url, { query: SEND, variables, token: ana.token });
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', issues: [{ path: `input.${field}`, rule }] });
    expect(chat.double.calls).toEqual([]);
  });

  it('begins no session under an id that the server did not make', async () => {
    const variables = { input: { sessionId: randomUUID(), messages: [user('Hola')] } };
    const { errors } = await sendGraphql(chat.llm.url, { query: SEND, variables, token: ana.token });
    expect(errors[0]).toMatchObject({ message: 'No such chat session.', extensions: { code: 'NOT_FOUND' } });
    expect(chat.double.calls).toEqual([]);
  });
});
