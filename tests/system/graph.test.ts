import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { request } from 'undici';
import { graphqlData, sendGraphql } from '../support/graphql-client.js';
import { drained } from '../support/drained.js';
import { startSystem, type System } from '../support/system.js';

const IMAGE = `mutation ($input: GenerateImageInput!) { generateImage(input: $input) { id status s3 { record image preview } owner { id email } } }`;

let system: System;
let token: string;
let userId: string;
const run = <Data>(query: string, variables: Record<string, unknown> = {}) =>
  graphqlData<Data>(system.url, { query, variables, token });

beforeAll(async () => {
  system = await startSystem();
  const { register } = await graphqlData<{ register: { user: { id: string }; accessToken: string } }>(system.url, {
    query: `mutation { register(input: { email: "ana@example.com", password: "secret123" }) { user { id } accessToken } }`,
  });
  token = register.accessToken;
  userId = register.user.id;
});
afterAll(() => system?.stop());

describe('the quickstart in GraphQL', () => {
  it('summarizes, chats and draws, one operation each', async () => {
    const summarized = await run<{ summarize: { text: string; s3: { summary: string } } }>(
      `mutation { summarize(input: { text: "Las alpacas viven en los Andes. Su lana es fina.", length: short }) { text s3 { summary } } }`,
    );
    expect(summarized.summarize.text.length).toBeGreaterThan(0);
    const { createChatSession } = await run<{ createChatSession: { sessionId: string } }>(
      `mutation { createChatSession(input: {}) { sessionId } }`,
    );
    const { sendChatMessage } = await run<{
      sendChatMessage: { sessionId: string; assistantMessage: { role: string } };
    }>(
      `mutation ($input: SendChatMessageInput!) { sendChatMessage(input: $input) { sessionId assistantMessage { role content } } }`,
      { input: { sessionId: createChatSession.sessionId, messages: [{ role: 'user', content: 'Hola' }] } },
    );
    expect(sendChatMessage).toMatchObject({
      sessionId: createChatSession.sessionId,
      assistantMessage: { role: 'assistant' },
    });
    const { generateImage } = await run<{ generateImage: { status: number; owner: unknown } }>(IMAGE, {
      input: { prompt: 'alpaca cyberpunk', size: '256x256', seed: 7 },
    });
    expect(generateImage).toMatchObject({ status: 200, owner: { id: userId, email: 'ana@example.com' } });
    await system.events(userId, 3);
  });

  it('draws the same bytes for the same prompt, seed and size', async () => {
    const input = { prompt: 'mar en calma', size: '128x128', seed: 11 };
    const keys = await Promise.all(
      [1, 2].map(() => run<{ generateImage: { s3: { image: string } } }>(IMAGE, { input })),
    );
    const [first, second] = await Promise.all(
      keys.map(({ generateImage }) => system.object('image', generateImage.s3.image)),
    );
    expect(first?.equals(second ?? Buffer.alloc(0))).toBe(true);
  });
});

describe('one query across the subgraphs', () => {
  const JOIN = `query ($first: Int!) {
    me {
      email
      usage { overview { totalRequests topServices { service count } } costs { provider model requests usd } }
      images(first: $first) { edges { node { id prompt imageUrl(expiresInSec: 300) owner { email } event { latencyMs status service } } } pageInfo { hasNextPage } }
      chatSessions { edges { node { title turnCount } } }
    }
  }`;
  interface Joined {
    me: {
      usage: { overview: { totalRequests: number } };
      images: { edges: { node: { prompt: string; imageUrl: string; owner: unknown; event: { status: number } } }[] };
      chatSessions: { edges: { node: { turnCount: number } }[] };
    };
  }

  it('joins user, usage, images with events and owners, and signed URLs that download', async () => {
    const count = (await system.events(userId, 5)).length;
    const { me } = await run<Joined>(JOIN, { first: 10 });
    expect(me.usage.overview.totalRequests).toBe(count);
    expect(me.images.edges).toHaveLength(3);
    for (const { node } of me.images.edges) {
      expect(node.owner).toEqual({ email: 'ana@example.com' });
      expect(node.event).toMatchObject({ status: 200, service: 'image' });
      const image = await request(node.imageUrl);
      expect(image.statusCode).toBe(200);
      expect(image.headers['content-type']).toBe('image/png');
      expect(image.headers['content-disposition']).toMatch(/^attachment; filename="[\w.-]+"$/);
      expect(
        Buffer.from(await image.body.arrayBuffer())
          .subarray(1, 4)
          .toString(),
      ).toBe('PNG');
    }
    expect(me.chatSessions.edges.map(({ node }) => node.turnCount)).toEqual([1]);
  });

  it('asks no subgraph more often for more images', async () => {
    // Later deliveries of events would count as calls of analytics.
    await drained(system);
    const callsFor = async (first: number): Promise<Record<string, number>> => {
      const before = await graphqlCalls();
      await run(JOIN, { first });
      const after = await graphqlCalls();
      return Object.fromEntries(Object.keys(after).map((name) => [name, (after[name] ?? 0) - (before[name] ?? 0)]));
    };
    const { image, chat, summarize, auth, analytics } = await callsFor(3);
    expect({ image, chat, summarize }).toEqual({ image: 1, chat: 1, summarize: 0 });
    // The plan has three fetches of each at most; equal ones that happen to be under way together are sent once.
    for (const calls of [auth, analytics]) expect([1, 2, 3]).toContain(calls);
  });

  /** Requests to `/graphql` so far, by the subgraphs' own metrics. */
  async function graphqlCalls(): Promise<Record<string, number>> {
    const services = [...system.platform.services.values()].filter(({ program }) => program.name !== 'supergraph');
    const counts = services.map(async ({ program }) => {
      const metrics = await (await request(`${program.url}/metrics`)).body.text();
      const lines = metrics
        .split('\n')
        .filter((line) => /^http_request_duration_seconds_count\{.*route="\/graphql"/.test(line));
      return [program.name, lines.reduce((total, line) => total + Number(line.split(' ').at(-1)), 0)] as const;
    });
    return Object.fromEntries(await Promise.all(counts));
  }
});

describe('a thing of somebody else', () => {
  it('looks exactly like one that does not exist', async () => {
    const { generateImage } = await run<{ generateImage: { id: string } }>(IMAGE, {
      input: { prompt: 'secret', size: '64x64' },
    });
    const other = await graphqlData<{ register: { accessToken: string } }>(system.url, {
      query: `mutation { register(input: { email: "bob@example.com", password: "secret123" }) { accessToken } }`,
    });
    const ask = async (id: string) => {
      const query = `query ($id: ID!) { image(id: $id) { prompt } }`;
      const { text } = await sendGraphql(system.url, { query, variables: { id }, token: other.register.accessToken });
      return text;
    };
    expect(await ask(generateImage.id)).toBe(await ask('0198c0de-0000-7000-8000-000000000000'));
  });
});
