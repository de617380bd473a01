import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { request } from 'undici';
import { startChat, user, type ChatUnderTest, type TurnReply } from '../llm/chat-under-test.js';
import type { Account } from '../support/llm-subgraph.js';
import { fails, says } from '../support/provider-double.js';
import { eventually } from '../support/eventually.js';
import { graphqlData, sendGraphql } from '../support/graphql-client.js';

const BROWSE = `query ($users: [_Any!]!, $first: Int!, $after: String, $filter: RecordFilterInput) {
  _entities(representations: $users) { ... on User { chatRecords(first: $first, after: $after, filter: $filter) {
    edges { cursor node { id status owner { id } event { id } recordUrl inputUrl outputUrl messageUrl } }
    pageInfo { hasNextPage endCursor }
  } } }
}`;
const SESSION = `query ($id: String!, $sec: Int!) { chatSession(sessionId: $id) {
  s3 { state messages records } stateUrl(expiresInSec: $sec) messageUrls(expiresInSec: $sec)
  recordUrls(expiresInSec: $sec)
} }`;

interface Node {
  readonly id: string;
  readonly status: number;
  readonly recordUrl: string;
  readonly inputUrl: string;
  readonly outputUrl: string | null;
  readonly messageUrl: string | null;
}

interface Page {
  readonly edges: readonly { readonly cursor: string; readonly node: Node }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
}

interface Session {
  readonly s3: { readonly state: string; readonly messages: readonly string[]; readonly records: readonly string[] };
  readonly stateUrl: string;
  readonly messageUrls: readonly string[];
  readonly recordUrls: readonly string[];
}

let chat: ChatUnderTest;
let ada: Account;
const turns: TurnReply[] = [];
beforeAll(async () => {
  chat = await startChat();
  ada = chat.llm.newAccount();
  for (const text of ['uno', 'dos', 'tres']) turns.push(await chat.send(ada, 'demo', [user(text)]));
  chat.double.respond = fails(500);
  await chat.send(ada, 'demo', [user('cuatro')]).catch(() => undefined);
  chat.double.respond = says('Very well.');
  await chat.llm.eventBy((event) => event['status'] === 502 || event['status'] === 200);
});
afterAll(() => chat?.stop());

const browse = async (by: Account, of: Account, page: object): Promise<Page> => {
  const variables = { users: [{ __typename: 'User', id: of.id }], first: 10, ...page };
  const data = await graphqlData<{ _entities: [{ chatRecords: Page }] }>(chat.llm.url, {
    query: BROWSE,
    variables,
    token: by.token,
  });
  return data._entities[0].chatRecords;
};

/** The index follows the reply: it is read until it has all four. */
const browseAll = async (page: object = {}): Promise<Page> => {
  await eventually('the index has come', async () => (await browse(ada, ada, {})).edges.length >= 4);
  return browse(ada, ada, page);
};

const download = async (url: string) => {
  const { statusCode, headers, body } = await request(url);
  return {
    statusCode,
    type: headers['content-type'],
    disposition: headers['content-disposition'],
    text: await body.text(),
  };
};

describe('User.chatRecords', () => {
  it('are all turns, newest first, the failed ones too', async () => {
    const { edges } = await browseAll();
    expect(edges.map(({ node }) => node.status)).toEqual([502, 200, 200, 200]);
    expect(edges.slice(1).map(({ node }) => node.id)).toEqual(turns.map(({ id }) => id).toReversed());
  });

  it('can be had by status, by time, and in pages of that', async () => {
    const ok = { filter: { status: 200 } };
    const { edges, pageInfo } = await browseAll({ ...ok, first: 2 });
    expect(edges.map(({ node }) => node.id)).toEqual([turns[2]!.id, turns[1]!.id]);
    const rest = await browseAll({ ...ok, first: 2, after: pageInfo.endCursor });
    expect(rest).toMatchObject({ edges: [{ node: { id: turns[0]!.id } }], pageInfo: { hasNextPage: false } });
    expect((await browseAll({ filter: { failed: true } })).edges).toHaveLength(1);
    const early = { filter: { from: turns[0]!.createdAt, to: turns[0]!.createdAt } };
    expect((await browseAll(early)).edges.map(({ node }) => node.id)).toContain(turns[0]!.id);
    expect((await browseAll({ filter: { to: '2020-01-01T00:00:00Z' } })).edges).toEqual([]);
  });

  it('are shown to admins, and to nobody else', async () => {
    await browseAll();
    expect((await browse(chat.llm.newAccount('admin'), ada, {})).edges).toHaveLength(4);
    const { token } = chat.llm.newAccount();
    const variables = { users: [{ __typename: 'User', id: ada.id }], first: 10 };
    const { errors } = await sendGraphql(chat.llm.url, { query: BROWSE, variables, token });
    expect(errors[0]?.extensions.code).toBe('NOT_FOUND');
  });

  it('have a URL for each of their files, with its type, to be saved and not shown', async () => {
    const { edges } = await browseAll({ filter: { status: 200 }, first: 1 });
    const { id, recordUrl, inputUrl, outputUrl, messageUrl } = edges[0]!.node;
    for (const [url, name] of [
      [recordUrl, 'record'],
      [inputUrl, 'input'],
      [outputUrl!, 'output'],
      [messageUrl!, 'message'],
    ] as const) {
      expect(await download(url)).toMatchObject({
        statusCode: 200,
        type: 'application/json',
        disposition: `attachment; filename="${id}-${name}.json"`,
      });
    }
  });

  it('have no URL for what a failed request has not made', async () => {
    const { edges } = await browseAll({ filter: { failed: true } });
    expect(edges[0]!.node).toMatchObject({ outputUrl: null, messageUrl: null, inputUrl: expect.any(String) });
  });
});

describe('ChatSession', () => {
  const ask = (sec: number) =>
    sendGraphql(chat.llm.url, { query: SESSION, variables: { id: 'demo', sec }, token: ada.token });

  it('has a URL for its state and for each turn, in the order of the keys', async () => {
    const { s3, stateUrl, messageUrls } = (await ask(600)).data!['chatSession'] as Session;
    expect(JSON.parse((await download(stateUrl)).text)).toMatchObject({ sessionId: 'demo', turnCount: 3 });
    expect(messageUrls.map((url) => decodeURIComponent(new URL(url).pathname))).toEqual(
      s3.messages.map((key) => expect.stringMatching(new RegExp(`${key}$`))),
    );
    const texts = await Promise.all(messageUrls.map(async (url) => (await download(url)).text));
    expect(texts.map((text) => (JSON.parse(text) as { id: string }).id)).toEqual(turns.map(({ id }) => id));
  });

  it('has a URL for the record of each turn, in the order of the keys', async () => {
    const { s3, recordUrls } = (await ask(600)).data!['chatSession'] as Session;
    expect(recordUrls.map((url) => decodeURIComponent(new URL(url).pathname))).toEqual(
      s3.records.map((key) => expect.stringMatching(new RegExp(`${key}$`))),
    );
    const files = await Promise.all(recordUrls.map(download));
    expect(files.map(({ text }) => (JSON.parse(text) as { id: string }).id)).toEqual(turns.map(({ id }) => id));
    expect(files.map(({ disposition }) => disposition)).toEqual(
      turns.map(({ id }) => `attachment; filename="${id}-record.json"`),
    );
  });

  it.each([299, 601])('signs none for %i seconds', async (sec) => {
    const { errors } = await ask(sec);
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', issues: [{ path: 'expiresInSec' }] });
  });
});
