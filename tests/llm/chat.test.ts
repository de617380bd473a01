import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { request } from 'undici';
import { graphqlData, sendGraphql } from '../support/graphql-client.js';
import { CHAT } from './definitions.js';
import { startLlm, type Account, type LlmUnderTest } from './llm-subgraph.js';
import { fails, says, startProviderDouble, USAGE, type ProviderDouble } from './provider-double.js';
import { baseOf, expectRecorded, RECORD_FIELDS, type RecordReply } from './record-expectation.js';

interface Message {
  readonly role: string;
  readonly content: string;
}

interface TurnReply extends RecordReply {
  readonly sessionId: string;
  readonly assistantMessage: Message | null;
  readonly outputUrl: string;
}

interface SessionReply {
  readonly id: string;
  readonly sessionId: string;
  readonly title: string | null;
  readonly turnCount: number;
  readonly messages: readonly Message[];
  readonly s3: { readonly state: string; readonly messages: readonly string[]; readonly records: readonly string[] };
  readonly owner: { readonly id: string };
}

const TURN = `${RECORD_FIELDS} sessionId assistantMessage { role content } outputUrl s3 { record input output message }`;
const SESSION =
  'id sessionId title turnCount messages { role content } s3 { state messages records } owner { id } createdAt updatedAt';
const SEND = `mutation ($input: SendChatMessageInput!) { sendChatMessage(input: $input) { ${TURN} } }`;
const CREATE = `mutation ($input: CreateChatSessionInput) { createChatSession(input: $input) { ${SESSION} } }`;
const FIND = `query ($id: String!) { chatSession(sessionId: $id) { ${SESSION} } }`;
const LIST = `query ($first: Int!, $after: String) {
  chatSessions(first: $first, after: $after) { edges { node { ${SESSION} } } pageInfo { hasNextPage endCursor } }
}`;

let llm: LlmUnderTest;
let double: ProviderDouble;
let ana: Account;

beforeAll(async () => {
  double = await startProviderDouble();
  llm = await startLlm(CHAT, {
    LLM_PROVIDER: 'openai-compatible',
    LLM_BASE_URL: double.baseUrl,
    LLM_MODEL: 'some-model',
    LLM_MAX_RETRIES: '0',
  });
});
beforeEach(() => {
  double.reset();
  ana = llm.newAccount();
});
afterAll(async () => {
  await llm?.stop();
  double?.close();
});

const user = (content: string): Message => ({ role: 'user', content });
const assistant = (content: string): Message => ({ role: 'assistant', content });

async function send(
  sessionId: string,
  messages: readonly Message[],
  more: object = {},
  account = ana,
): Promise<TurnReply> {
  const variables = { input: { sessionId, messages, ...more } };
  const sent = { query: SEND, variables, token: account.token };
  return (await graphqlData<{ sendChatMessage: TurnReply }>(llm.url, sent)).sendChatMessage;
}

async function create(input: object | null = null, { token } = ana): Promise<SessionReply> {
  const sent = { query: CREATE, variables: { input }, token };
  return (await graphqlData<{ createChatSession: SessionReply }>(llm.url, sent)).createChatSession;
}

async function find(id: string, { token } = ana): Promise<SessionReply> {
  return (await graphqlData<{ chatSession: SessionReply }>(llm.url, { query: FIND, variables: { id }, token }))
    .chatSession;
}

/** What the model was shown last, without our own instructions. */
const shown = (): readonly Message[] => double.calls.at(-1)!.body.messages!.filter(({ role }) => role !== 'system');

describe('Mutation.sendChatMessage', () => {
  it('keeps what was sent, the answer, the turn in its session and the record, just as it replies', async () => {
    const messages = [user('Hola')];
    const reply = await send('demo', messages);
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
    const record = await expectRecorded(llm, reply, { account: ana, input: { sessionId: 'demo', messages } });
    const base = baseOf(reply);
    const session = await find('demo');
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
    expect(await llm.json(`${base}output.json`)).toEqual({ ...assistant('Very well.'), finishReason: 'stop' });
    expect(await llm.json(message!)).toEqual({
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

  it('writes the input, asks the model, writes the rest, and last of all the record', async () => {
    const { journal } = llm.store;
    const answer = says('Yes.');
    double.respond = (call, response) => {
      journal.push('model');
      return answer(call, response);
    };
    const { event, ...reply } = await send('order', [user('In what order?')]);
    await llm.eventOf(event.id);
    const base = baseOf(reply);
    const steps = journal.filter((step) => step === 'model' || (step.startsWith('PUT') && step.includes(reply.id)));
    const between = [`PUT ${reply.s3['message']}`, `PUT ${base}output.json`, `PUT outbox/${reply.id}.json`];
    const own = steps.slice(steps.indexOf(`PUT ${base}input.json`));
    expect(own[1]).toBe('model');
    expect(own.slice(2, 5).toSorted()).toEqual(between.toSorted());
    expect(own.slice(5)).toEqual([`PUT ${base}record.json`]);
  });

  it('reports one event with the figures of the record', async () => {
    const { event, requestId } = await send('demo', [user('Hola')]);
    expect(await llm.eventOf(event.id)).toMatchObject({
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
    await send('demo', [user('My name is Ana.')]);
    double.respond = says('Ana.');
    await send('demo', [user('What is my name?')]);
    expect(shown()).toEqual([user('My name is Ana.'), assistant('Very well.'), user('What is my name?')]);
    const { messages, turnCount, title } = await find('demo');
    expect(messages).toEqual([...shown(), assistant('Ana.')]);
    expect({ turnCount, title }).toEqual({ turnCount: 2, title: 'My name is Ana.' });
  });

  it('does not keep twice what a client repeats that sends the whole conversation', async () => {
    await send('demo', [user('One')]);
    await send('demo', [user('One'), assistant('Very well.'), user('Two')]);
    expect(shown()).toEqual([user('One'), assistant('Very well.'), user('Two')]);
    const { messages } = await find('demo');
    expect(messages.map(({ content }) => content)).toEqual(['One', 'Very well.', 'Two', 'Very well.']);
  });

  it('puts the client’s instructions behind ours, in the only system message', async () => {
    await send('demo', [{ role: 'system', content: 'Speak like a pirate.' }, user('Hola')]);
    await send('demo', [user('And now?')]);
    const system = double.calls.at(-1)!.body.messages!.filter(({ role }) => role === 'system');
    expect(system).toHaveLength(1);
    expect(system[0]!.content).toMatch(/^You are a helpful assistant\.[^]*\n\nSpeak like a pirate\.$/);
  });

  it('asks for the model that the message names', async () => {
    const { model, meta } = await send('demo', [user('Hola')], { model: 'larger-model' });
    expect(double.calls[0]?.body.model).toBe('larger-model');
    expect({ model, params: meta.params }).toEqual({
      model: 'larger-model',
      params: { sessionId: 'demo', model: 'larger-model' },
    });
  });

  it('keeps every turn of many at once', async () => {
    const sent = ['a', 'b', 'c', 'd', 'e', 'f'];
    await Promise.all(sent.map((content) => send('busy', [user(content)])));
    const { turnCount, messages, s3 } = await find('busy');
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
    await send('demo', [user('One')]);
    double.respond = fails(500);
    const variables = { input: { sessionId: 'demo', messages: [user('Two')] } };
    const { errors } = await sendGraphql(llm.url, { query: SEND, variables, token: ana.token });
    expect(errors[0]?.extensions.code).toBe('UPSTREAM_ERROR');
    expect((await find('demo')).turnCount).toBe(1);
    double.respond = says('Again.');
    await send('demo', [user('Two')]);
    expect(shown()).toEqual([user('One'), assistant('Very well.'), user('Two')]);
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
    ['messages.0.content', 'minLength', { messages: [user('')] }],
    ['messages.1.content', 'maxLength', { messages: [user('x'), user('x'.repeat(32_001))] }],
    ['messages[0].role', 'enum', { messages: [{ role: 'robot', content: 'x' }] }],
    ['model', 'minLength', { model: '' }],
    ['model', 'maxLength', { model: 'x'.repeat(101) }],
  ])('refuses a wrong %s by the rule %s (case %#), and asks nobody', async (field, rule, change) => {
    const variables = { input: { sessionId: 'demo', messages: [user('Hola')], ...change } };
    const { errors } = await sendGraphql(llm.url, { query: SEND, variables, token: ana.token });
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', issues: [{ path: `input.${field}`, rule }] });
    expect(double.calls).toEqual([]);
  });

  it('begins no session under an id that the server did not make', async () => {
    const variables = { input: { sessionId: randomUUID(), messages: [user('Hola')] } };
    const { errors } = await sendGraphql(llm.url, { query: SEND, variables, token: ana.token });
    expect(errors[0]).toMatchObject({ message: 'No such chat session.', extensions: { code: 'NOT_FOUND' } });
    expect(double.calls).toEqual([]);
  });
});

describe('a session of the client’s naming', () => {
  it('is private: another user’s of the same name is another', async () => {
    const bob = llm.newAccount();
    await send('demo', [user('I am Ana.')]);
    await send('demo', [user('I am Bob.')], {}, bob);
    expect(shown()).toEqual([user('I am Bob.')]);
    const [anas, bobs] = [await find('demo'), await find('demo', bob)];
    expect(anas.id).not.toBe(bobs.id);
    expect([anas.owner.id, bobs.owner.id]).toEqual([ana.id, bob.id]);
    expect(bobs.messages.map(({ content }) => content)).toEqual(['I am Bob.', 'Very well.']);
  });

  it('does not exist before its first message', async () => {
    const { errors } = await sendGraphql(llm.url, { query: FIND, variables: { id: 'demo' }, token: ana.token });
    expect(errors[0]).toMatchObject({ message: 'No such chat session.', extensions: { code: 'NOT_FOUND' } });
  });

  it('is also found under the id that it has in the bucket', async () => {
    await send('demo', [user('Hola')]);
    const session = await find('demo');
    expect(await find(session.id)).toEqual(session);
  });
});

describe('Mutation.createChatSession', () => {
  it('begins an empty session under an id of ours, with the title if one is given', async () => {
    const session = await create({ title: ' Plans ' });
    expect(session).toMatchObject({ title: 'Plans', turnCount: 0, messages: [], owner: { id: ana.id } });
    expect(session.sessionId).toBe(session.id);
    expect(session.s3).toEqual({ state: `sessions/${session.id}/state.json`, messages: [], records: [] });
    expect(await llm.json(session.s3.state)).toMatchObject({ sessionId: session.id, userId: ana.id, title: 'Plans' });
  });

  it('begins one that messages can go to, named by the first of them', async () => {
    const { sessionId } = await create();
    await send(sessionId, [user(`How do I ${'very '.repeat(30)}well?`)]);
    const { turnCount, title } = await find(sessionId);
    expect(turnCount).toBe(1);
    expect(title).toMatch(/^How do I (?:very )+very…$/);
    expect(title!.length).toBeLessThanOrEqual(61);
  });

  it.each([
    ['matches', ' '],
    ['maxLength', 'x'.repeat(121)],
  ])('refuses a title by the rule %s', async (rule, title) => {
    const sent = { query: CREATE, variables: { input: { title } }, token: ana.token };
    const { errors } = await sendGraphql(llm.url, sent);
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', issues: [{ path: 'input.title', rule }] });
  });
});

describe('Query.chatSessions', () => {
  it('lists one’s own sessions, newest first, of either kind, page by page', async () => {
    const made: string[] = [];
    for (const name of ['first', null, 'third', null, 'fifth']) {
      if (name === null) made.unshift((await create()).sessionId);
      else made.unshift((await send(name, [user('Hola')])).sessionId);
    }
    await send('of-bob', [user('Hola')], {}, llm.newAccount());
    const listed: string[] = [];
    let after: string | null = null;
    do {
      const sent = { query: LIST, variables: { first: 2, after }, token: ana.token };
      const {
        chatSessions,
      }: { chatSessions: { edges: { node: SessionReply }[]; pageInfo: { hasNextPage: boolean; endCursor: string } } } =
        await graphqlData(llm.url, sent);
      listed.push(...chatSessions.edges.map(({ node }) => node.sessionId));
      after = chatSessions.pageInfo.hasNextPage ? chatSessions.pageInfo.endCursor : null;
    } while (after !== null);
    expect(listed).toEqual(made);
  });

  it.each([
    ['first', { first: 0, after: null }],
    ['first', { first: 101, after: null }],
    ['after', { first: 1, after: 'nowhere' }],
  ])('refuses a wrong %s (case %#)', async (field, variables) => {
    const { errors } = await sendGraphql(llm.url, { query: LIST, variables, token: ana.token });
    expect(errors[0]?.extensions.code).toBe('BAD_USER_INPUT');
    expect(errors[0]?.extensions.issues?.[0]?.path).toMatch(new RegExp(`${field}$`));
  });
});
