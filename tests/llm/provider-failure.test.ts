import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { request } from 'undici';
import { sendGraphql, type GraphqlReply } from '../support/graphql-client.js';
import { CHAT, IMAGE, SUMMARIZE } from './definitions.js';
import { startLlm, type Account, type LlmUnderTest } from './llm-subgraph.js';
import {
  breaksOff,
  draws,
  fails,
  isSilent,
  says,
  sends,
  stalls,
  startProviderDouble,
  USAGE,
  type ProviderDouble,
  type Respond,
} from './provider-double.js';

const FIELDS = '{ id status provider model tokens { in out } cost { usd } }';
const CASES = [
  {
    coordinate: 'Mutation.generateImage',
    definition: IMAGE,
    query: `mutation { generateImage(input: { prompt: "a lighthouse", size: "64x64" }) ${FIELDS} }`,
    files: ['image/original.png', 'image/preview.jpg'],
  },
  {
    coordinate: 'Mutation.summarize',
    definition: SUMMARIZE,
    query: `mutation { summarize(input: { text: "A long story.", length: short }) ${FIELDS} }`,
    files: ['output.json', 'summary.txt'],
  },
  {
    coordinate: 'Mutation.sendChatMessage',
    definition: CHAT,
    query: `mutation { sendChatMessage(input: { sessionId: "demo", messages: [{ role: user, content: "Hola" }] }) ${FIELDS} }`,
    files: ['output.json'],
  },
];

const DEADLINE_MS = 2_000;
/** Over what the providers may answer: 4 MiB of text, 64 MiB of image. */
const TOO_LARGE = { image: 65 * 1024 * 1024, summarize: 5 * 1024 * 1024, chat: 5 * 1024 * 1024 };

describe.each(CASES)('$coordinate by an OpenAI-compatible provider', ({ definition, query, files }) => {
  let llm: LlmUnderTest;
  let double: ProviderDouble;
  let ana: Account;
  let succeeds: Respond;

  beforeAll(async () => {
    double = await startProviderDouble();
    const png = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#204060' } })
      .png()
      .toBuffer();
    const usage = { input_tokens: USAGE.prompt_tokens, output_tokens: USAGE.completion_tokens };
    succeeds = definition.service === 'image' ? draws(png, { usage }) : says('Very well.');
    llm = await startLlm(definition, {
      LLM_PROVIDER: 'openai-compatible',
      LLM_BASE_URL: double.baseUrl,
      LLM_MODEL: 'some-model',
      LLM_MAX_RETRIES: '1',
      LLM_TIMEOUT_MS: String(DEADLINE_MS),
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

  const run = (): Promise<GraphqlReply> => sendGraphql(llm.url, { query, token: ana.token });

  /** The record of the account's only request, with its event: both follow the reply where the client left. */
  async function recorded(): Promise<{ record: Record<string, unknown>; base: string }> {
    const event = await llm.eventBy((candidate) => candidate['userId'] === ana.id);
    for (const key of await llm.keys('requests/')) {
      if (!key.endsWith('/record.json')) continue;
      const record = await llm.json(key);
      if (record['userId'] !== ana.id) continue;
      const { status, provider, model, tokens, cost } = record;
      expect(event).toMatchObject({ status, provider, model, tokens, cost, service: definition.service });
      return { record, base: key.slice(0, -'record.json'.length) };
    }
    throw new Error('no record');
  }

  it('records who answered and what it counted; a price that nobody knows is null', async () => {
    double.respond = succeeds;
    const { errors } = await run();
    expect(errors).toEqual([]);
    const { record, base } = await recorded();
    expect(record).toMatchObject({
      status: 200,
      provider: 'openai-compatible',
      model: 'some-model',
      tokens: { in: USAGE.prompt_tokens, out: USAGE.completion_tokens },
      cost: { usd: null },
    });
    expect(record['meta']).not.toHaveProperty('tokensEstimated');
    const kept = (await llm.keys(base)).map((key) => key.slice(base.length));
    expect(kept).toEqual(['input.json', 'record.json', ...files].toSorted());
  });

  it.each<[string, Respond, string, number]>([
    ['is over its limits', fails(429, { 'retry-after': '0' }), 'RATE_LIMITED', 429],
    ['fails', fails(500, { 'retry-after': '0' }), 'UPSTREAM_ERROR', 502],
    ['sends garbage', sends('<<<'), 'UPSTREAM_ERROR', 502],
    ['breaks off', breaksOff, 'UPSTREAM_ERROR', 502],
    ['sends too much', says('x'.repeat(TOO_LARGE[definition.service])), 'UPSTREAM_ERROR', 502],
    ['takes longer than it may', isSilent, 'UPSTREAM_TIMEOUT', 504],
    ['does not come to an end', stalls, 'UPSTREAM_TIMEOUT', 504],
  ])(
    'tells, records and reports that the provider %s, and nothing of its internals',
    async (_case, respond, code, status) => {
      double.respond = respond;
      const { errors, text, data } = await run();
      expect(data).toBeNull();
      expect(errors[0]?.extensions).toEqual({ code, retryable: true });
      expect(text).not.toMatch(/gpu-17|org-secret|quota|127\.0\.0\.1|some-model|stack|<<</i);
      const { record, base } = await recorded();
      expect(record).toMatchObject({
        status,
        provider: 'openai-compatible',
        model: 'some-model',
        tokens: { in: 0, out: 0 },
        cost: { usd: 0 },
        artifacts: {},
        meta: { error: code },
      });
      expect(JSON.stringify(record)).not.toMatch(/gpu-17|org-secret/);
      expect((await llm.keys(base)).map((key) => key.slice(base.length))).toEqual(['input.json', 'record.json']);
      await double.calls.at(-1)!.closed;
    },
  );

  it('ends the provider’s work when the client leaves, and records the request', async () => {
    double.respond = isSilent;
    const client = new AbortController();
    const asked = request(`${llm.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${ana.token}` },
      body: JSON.stringify({ query }),
      signal: client.signal,
    });
    const { closed } = await double.nextCall();
    client.abort();
    await expect(asked).rejects.toThrow();
    await closed;
    const { record } = await recorded();
    expect(record).toMatchObject({ status: 502, meta: { error: 'UPSTREAM_ERROR' } });
    expect(double.calls).toHaveLength(1);
    expect(record['latencyMs']).toBeLessThan(DEADLINE_MS);
  });
});
