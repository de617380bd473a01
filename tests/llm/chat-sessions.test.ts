import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sendGraphql } from '../support/graphql-client.js';
import { CREATE, FIND, LIST, SEND, startChat, user, type ChatUnderTest, type SessionPage } from './chat-under-test.js';
import type { Account } from '../support/llm-subgraph.js';

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

describe('a session of the client’s naming', () => {
  it('is private: another user’s of the same name is another', async () => {
    const bob = chat.llm.newAccount();
    await chat.send(ana, 'demo', [user('I am Ana.')]);
    await chat.send(bob, 'demo', [user('I am Bob.')]);
    expect(chat.shown()).toEqual([user('I am Bob.')]);
    const [anas, bobs] = [await chat.find(ana, 'demo'), await chat.find(bob, 'demo')];
    expect(anas.id).not.toBe(bobs.id);
    expect([anas.owner.id, bobs.owner.id]).toEqual([ana.id, bob.id]);
    expect(bobs.messages.map(({ content }) => content)).toEqual(['I am Bob.', 'Very well.']);
  });

  it('does not exist before its first message', async () => {
    const { errors } = await sendGraphql(chat.llm.url, { query: FIND, variables: { id: 'demo' }, token: ana.token });
    expect(errors[0]).toMatchObject({ message: 'No such chat session.', extensions: { code: 'NOT_FOUND' } });
  });

  it('is also found under the id that it has in the bucket', async () => {
    await chat.send(ana, 'demo', [user('Hola')]);
    const session = await chat.find(ana, 'demo');
    expect(await chat.find(ana, session.id)).toEqual(session);
  });
});

describe('Mutation.createChatSession', () => {
  it('begins an empty session under an id of ours, with the title if one is given', async () => {
    const session = await chat.create(ana, { title: ' Plans ' });
    expect(session).toMatchObject({ title: 'Plans', turnCount: 0, messages: [], owner: { id: ana.id } });
    expect(session.sessionId).toBe(session.id);
    expect(session.s3).toEqual({ state: `sessions/${session.id}/state.json`, messages: [], records: [] });
    expect(await chat.llm.json(session.s3.state)).toMatchObject({
      sessionId: session.id,
      userId: ana.id,
      title: 'Plans',
    });
  });

  it('begins one that messages can go to, named by the first of them', async () => {
    const { sessionId } = await chat.create(ana);
    await chat.send(ana, sessionId, [user(`How do I ${'very '.repeat(30)}well?`)]);
    const { turnCount, title } = await chat.find(ana, sessionId);
    expect(turnCount).toBe(1);
    expect(title).toMatch(/^How do I (?:very )+very…$/);
    expect(title!.length).toBeLessThanOrEqual(61);
  });

  it.each([
    ['matches', ' '],
    ['maxLength', 'x'.repeat(121)],
  ])('refuses a title by the rule %s', async (rule, title) => {
    const sent = { query: CREATE, variables: { input: { title } }, token: ana.token };
    const { errors } = await sendGraphql(chat.llm.url, sent);
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', issues: [{ path: 'input.title', rule }] });
  });
});

describe('another user’s session', () => {
  it('is, to read and to write to, as one that does not exist', async () => {
    const bob = chat.llm.newAccount();
    const { sessionId } = await chat.create(bob, { title: 'Secret' });
    const asks = [sessionId, randomUUID()].flatMap((id) => [
      { query: FIND, variables: { id } },
      { query: SEND, variables: { input: { sessionId: id, messages: [user('Hola')] } } },
    ]);
    const replies = await Promise.all(asks.map((ask) => sendGraphql(chat.llm.url, { ...ask, token: ana.token })));
    const [read, written, readNone, writtenNone] = replies.map(({ status, text }) => ({ status, text }));
    expect([read, written]).toEqual([readNone, writtenNone]);
    for (const { errors } of replies) expect(errors[0]).toMatchObject({ extensions: { code: 'NOT_FOUND' } });
    expect(chat.double.calls).toEqual([]);
    expect((await chat.find(bob, sessionId)).turnCount).toBe(0);
  });

  it('is an admin’s to read, and not to write to', async () => {
    const { sessionId } = await chat.create(ana);
    const admin = chat.llm.newAccount('admin');
    expect((await chat.find(admin, sessionId)).owner.id).toBe(ana.id);
    const variables = { input: { sessionId, messages: [user('Hola')] } };
    const { errors } = await sendGraphql(chat.llm.url, { query: SEND, variables, token: admin.token });
    expect(errors[0]?.extensions.code).toBe('NOT_FOUND');
  });
});

describe('Query.chatSessions', () => {
  it('lists one’s own sessions, newest first, of either kind, page by page', async () => {
    const made: string[] = [];
    for (const name of ['first', null, 'third', null, 'fifth']) {
      if (name === null) made.unshift((await chat.create(ana)).sessionId);
      else made.unshift((await chat.send(ana, name, [user('Hola')])).sessionId);
    }
    await chat.send(chat.llm.newAccount(), 'of-bob', [user('Hola')]);
    const listed: string[] = [];
    let after: string | null = null;
    do {
      const { edges, pageInfo }: SessionPage = await chat.list(ana, { first: 2, after });
      listed.push(...edges.map(({ node }) => node.sessionId));
      after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
    } while (after !== null);
    expect(listed).toEqual(made);
  });

  it('passes over sessions that never came about, and fills its pages with others', async () => {
    const made: string[] = [];
    for (let n = 0; n < 6; n += 1) made.unshift((await chat.create(ana)).sessionId);
    // What a crash leaves between a session's pointer and its state.
    const lost = [made[0], made[2], made[3], made[5]];
    for (const id of lost) await chat.llm.remove(`sessions/${id}/state.json`);
    const first: SessionPage = await chat.list(ana, { first: 1, after: null });
    expect(first.edges.map(({ node }) => node.sessionId)).toEqual([made[1]]);
    expect(first.pageInfo.hasNextPage).toBe(true);
    const second: SessionPage = await chat.list(ana, { first: 1, after: first.pageInfo.endCursor });
    expect(second.edges.map(({ node }) => node.sessionId)).toEqual([made[4]]);
    expect(second.pageInfo.hasNextPage).toBe(false);
  });

  it.each([
    ['first', { first: 0, after: null }],
    ['first', { first: 101, after: null }],
    ['after', { first: 1, after: 'nowhere' }],
  ])('refuses a wrong %s (case %#)', async (field, variables) => {
    const { errors } = await sendGraphql(chat.llm.url, { query: LIST, variables, token: ana.token });
    expect(errors[0]?.extensions.code).toBe('BAD_USER_INPUT');
    expect(errors[0]?.extensions.issues?.[0]?.path).toMatch(new RegExp(`${field}$`));
  });
});
