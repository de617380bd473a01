import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newIdentity } from '#shared/history/keys.js';
import { graphqlData, sendGraphql } from '../support/graphql-client.js';
import { CHAT, IMAGE, SUMMARIZE } from '../support/definitions.js';
import { startLlm, type Account, type LlmUnderTest } from '../support/llm-subgraph.js';

const RECORD = '{ id s3 { record } event { id } }';
const SERVICES = [
  {
    name: 'image',
    definition: IMAGE,
    type: 'ImageRecord',
    create: `mutation { made: generateImage(input: { prompt: "a lighthouse", size: "64x64" }) ${RECORD} }`,
    find: 'image',
    list: 'images',
    joined: 'imageUrl',
    missing: 'No such image.',
    others: [] as string[],
  },
  {
    name: 'summarize',
    definition: SUMMARIZE,
    type: 'SummaryRecord',
    create: `mutation { made: summarize(input: { text: "One thing. Another thing.", length: short }) ${RECORD} }`,
    find: 'summary',
    list: 'summaries',
    joined: 'text',
    missing: 'No such summary.',
    others: [],
  },
  {
    name: 'chat',
    definition: CHAT,
    type: 'ChatRecord',
    create: `mutation { made: sendChatMessage(input: { sessionId: "demo", messages: [{ role: user, content: "Hola" }] }) ${RECORD} }`,
    find: 'chatRecord',
    list: 'chatSessions',
    joined: 'assistantMessage { content }',
    missing: 'No such chat message.',
    others: [
      'mutation { createChatSession { id } }',
      '{ chatSession(sessionId: "demo") { id } }',
      '{ chatSessions { pageInfo { hasNextPage } } }',
    ],
  },
];

describe.each(SERVICES)('the $name subgraph', ({ definition, type, create, find, list, joined, missing, others }) => {
  let llm: LlmUnderTest;
  let ana: Account;
  let bob: Account;
  let admin: Account;
  let id: string;
  let recordKey: string;

  beforeAll(async () => {
    llm = await startLlm(definition);
    [ana, bob, admin] = [llm.newAccount(), llm.newAccount(), llm.newAccount('admin')];
    const { made } = await graphqlData<{ made: { id: string; s3: { record: string }; event: { id: string } } }>(
      llm.url,
      {
        query: create,
        token: ana.token,
      },
    );
    ({ id } = made);
    recordKey = made.s3.record;
    await llm.eventOf(made.event.id);
  });
  afterAll(() => llm?.stop());

  const FIND = `query ($id: ID!) { found: ${find}(id: $id) { id ${joined} recordUrl } }`;
  const ENTITIES = `query ($of: [_Any!]!) { _entities(representations: $of) { __typename ... on ${type} { id prompt ${joined} recordUrl } } }`;
  const LISTED = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on User { list: ${list} { edges { cursor } } } } }`;
  const findAs = (token: string | undefined, of = id) =>
    sendGraphql(llm.url, { query: FIND, variables: { id: of }, token });
  const entitiesAs = (token: string | undefined, ids: readonly unknown[]) =>
    sendGraphql(llm.url, {
      query: ENTITIES,
      variables: { of: ids.map((of) => ({ __typename: type, id: of })) },
      token,
    });

  const listAs = (token: string, of = ana.id) =>
    sendGraphql(llm.url, { query: LISTED, variables: { of: [{ __typename: 'User', id: of }] }, token });

  it('serves nothing to those who are not signed in', async () => {
    const user = { of: [{ __typename: 'User', id: ana.id }] };
    const replies = await Promise.all([
      sendGraphql(llm.url, { query: create }),
      findAs(undefined),
      sendGraphql(llm.url, { query: LISTED, variables: user }),
      ...others.map((query) => sendGraphql(llm.url, { query })),
    ]);
    for (const { errors } of replies)
      expect(errors[0]?.extensions).toEqual({ code: 'UNAUTHENTICATED', retryable: false });
    expect((await entitiesAs(undefined, [id])).data).toEqual({ _entities: [null] });
  });

  it.each([
    ['that is none', 'Bearer x.y.z'],
    ['of another kind', 'Basic abc'],
  ])('refuses a token %s', async (_case, authorization) => {
    const { errors } = await sendGraphql(llm.url, { query: create, headers: { authorization } });
    expect(errors[0]?.extensions.code).toBe('UNAUTHENTICATED');
  });

  it('shows a record to its owner and to an admin, by its query and as an entity', async () => {
    for (const { token } of [ana, admin]) {
      expect(await findAs(token)).toMatchObject({ errors: [], data: { found: { id } } });
      expect(await entitiesAs(token, [id])).toMatchObject({
        errors: [],
        data: { _entities: [{ __typename: type, id }] },
      });
    }
  });

  it('answers for another’s record as for one that does not exist', async () => {
    const unknown = newIdentity(new Date()).id;
    const replies = await Promise.all(
      [id, unknown, 'x', '../../secret', randomUUID()].map((of) => findAs(bob.token, of)),
    );
    const [ofAnother, ...nothings] = replies.map(({ status, text }) => ({ status, text }));
    for (const nothing of nothings) expect(ofAnother).toEqual(nothing);
    expect(replies[0]?.errors[0]).toMatchObject({ message: missing, extensions: { code: 'NOT_FOUND' } });
    const references = [id, unknown, 'x', null, 7, { id }];
    expect(await entitiesAs(bob.token, references)).toMatchObject({
      errors: [],
      data: { _entities: references.map(() => null) },
    });
  });

  it('lists a user’s to that user and to an admin, to nobody else', async () => {
    for (const { token } of [ana, admin]) {
      expect(await listAs(token)).toMatchObject({ errors: [], data: { _entities: [{ list: { edges: [{}] } }] } });
    }
    const [ofAnother, ofNobody] = [await listAs(bob.token), await listAs(bob.token, randomUUID())];
    expect(ofAnother.text).toBe(ofNobody.text);
    expect(ofAnother.errors[0]?.extensions.code).toBe('NOT_FOUND');
  });

  it('reads a record once a request, however often it is referred to', async () => {
    const { journal } = llm.store;
    const before = journal.length;
    const { data } = await entitiesAs(ana.token, [id, id, id]);
    expect(data?.['_entities']).toHaveLength(3);
    const read = journal.slice(before).filter((step) => step.startsWith('GET '));
    expect(read.filter((step) => step === `GET ${recordKey}`)).toHaveLength(1);
    expect(new Set(read).size).toBe(read.length);
  });

  it.each([299, 601, 0])('signs no URL for %i seconds', async (seconds) => {
    const query = `query ($id: ID!) { found: ${find}(id: $id) { recordUrl(expiresInSec: ${seconds}) } }`;
    const { errors } = await sendGraphql(llm.url, { query, variables: { id }, token: ana.token });
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', issues: [{ path: 'expiresInSec' }] });
  });

  it('says that the history is away, and no more, while the store is', async () => {
    llm.store.isAway = true;
    const user = { of: [{ __typename: 'User', id: ana.id }] };
    const replies = await Promise.all([
      sendGraphql(llm.url, { query: create, token: ana.token }),
      findAs(ana.token),
      entitiesAs(ana.token, [id]),
      sendGraphql(llm.url, { query: LISTED, variables: user, token: ana.token }),
      ...others.map((query) => sendGraphql(llm.url, { query, token: ana.token })),
    ]).finally(() => (llm.store.isAway = false));
    for (const { errors, text } of replies) {
      expect(errors[0]).toMatchObject({
        message: 'The history store is not available.',
        extensions: { code: 'SERVICE_UNAVAILABLE', retryable: true },
      });
      expect(text).not.toMatch(/127\.0\.0\.1|llmhist|ECONN|socket|stack/i);
    }
    expect((await findAs(ana.token)).errors).toEqual([]);
  });
});
