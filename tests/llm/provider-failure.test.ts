import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import sharp from 'sharp';
import { request } from 'undici';
import { sendGraphql } from '../support/graphql-client.js';
import { CHAT, IMAGE, SUMMARIZE } from '../support/definitions.js';
import { startLlm, type Account, type LlmUnderTest } from '../support/llm-subgraph.js';
import {
  breaksOff,
  draws,
  fails,
  floods,
  isSilent,
  says,
  sends,
  stalls,
  startProviderDouble,
  USAGE,
  type ProviderDouble,
  type Respond,
} from '../support/provider-double.js';

// Pictures take their time on a busy machine.
jest.setTimeout(30_000);

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

interface Recorded {
  readonly record: Record<string, unknown>;
  /** What lies in its folder. */
  readonly kept: readonly string[];
}

describe.each(CASES)('$coordinate by an OpenAI-compatible provider', ({ definition, query, files }) => {
  let llm: LlmUnderTest;
  /** The same with little time for the provider. */
  let hasty: LlmUnderTest;
  let double: ProviderDouble;
  let succeeds: Respond;

  beforeAll(async () => {
    double = await startProviderDouble();
    const png = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#204060' } })
      .png()
      .toBuffer();
    const usage = { input_tokens: USAGE.prompt_tokens, output_tokens: USAGE.completion_tokens };
    succeeds = definition.service === 'image' ? draws(png, { usage }) : says('Very well.');
    const provider = { LLM_PROVIDER: 'openai-compatible', LLM_BASE_URL: double.baseUrl, LLM_MODEL: 'some-model' };
    const env = { ...provider, LLM_MAX_RETRIES: '1' };
    [llm, hasty] = await Promise.all([
      startLlm(definition, env),
      startLlm(definition, { ...env, LLM_TIMEOUT_MS: '200' }),
    ]);
  });
  beforeEach(async () => {
    // An answer in between keeps the failures that the tests cause from opening the circuit breaker.
    double.respond = succeeds;
    const { errors } = await sendGraphql(llm.url, { query, token: llm.newAccount().token });
    expect(errors).toEqual([]);
    double.reset();
  });
  afterAll(async () => {
    await Promise.all([llm?.stop(), hasty?.stop()]);
    double?.close();
  });

  /** The record of the account's only request, checked against its event: both follow the reply where the client left. */
  async function recorded(at: LlmUnderTest, { id }: Account): Promise<Recorded> {
    const event = await at.eventBy((candidate) => candidate['userId'] === id);
    for (const key of await at.keys('requests/')) {
      if (!key.endsWith('/record.json')) continue;
      const record = await at.json(key);
      if (record['userId'] !== id) continue;
      const { status, provider, model, tokens, cost } = record;
      expect(event).toMatchObject({ status, provider, model, tokens, cost, service: definition.service });
      const base = key.slice(0, -'record.json'.length);
      const kept = (await at.keys(base)).map((file) => file.slice(base.length));
      return { record, kept };
    }
    throw new Error('no record');
  }

  it('records who answered and what it counted; a price that nobody knows is null', async () => {
    double.respond = succeeds;
    const ana = llm.newAccount();
    const { errors } = await sendGraphql(llm.url, { query, token: ana.token });
    expect(errors).toEqual([]);
    const { record, kept } = await recorded(llm, ana);
    expect(record).toMatchObject({
      status: 200,
      provider: 'openai-compatible',
      model: 'some-model',
      tokens: { in: USAGE.prompt_tokens, out: USAGE.completion_tokens },
      cost: { usd: null },
    });
    expect(record['meta']).not.toHaveProperty('tokensEstimated');
    expect(kept).toEqual(['input.json', 'record.json', ...files].toSorted());
  });

  it.each<[string, Respond, string, number, number | null]>([
    ['is over its limits', fails(429, { 'retry-after': '0' }), 'RATE_LIMITED', 429, 0],
    ['fails', fails(500, { 'retry-after': '0' }), 'UPSTREAM_ERROR', 502, 0],
    ['sends garbage', sends('<<<'), 'UPSTREAM_ERROR', 502, null],
    ['breaks off', breaksOff, 'UPSTREAM_ERROR', 502, null],
    ['sends without end', floods, 'UPSTREAM_ERROR', 502, null],
    ['takes longer than it may', isSilent, 'UPSTREAM_TIMEOUT', 504, null],
    ['does not come to an end', stalls, 'UPSTREAM_TIMEOUT', 504, null],
  ])(
    'tells, records and reports that it %s, and nothing of its internals',
    async (...[, respond, code, status, usd]) => {
      double.respond = respond;
      const at = code === 'UPSTREAM_TIMEOUT' ? hasty : llm;
      const ana = at.newAccount();
      const { errors, text, data } = await sendGraphql(at.url, { query, token: ana.token });
      expect(data).toBeNull();
      const wait = code === 'RATE_LIMITED' ? { retryAfterSec: 1 } : {};
      expect(errors[0]?.extensions).toEqual({ code, retryable: true, ...wait });
      expect(text).not.toMatch(/gpu-17|org-secret|quota|127\.0\.0\.1|some-model|stack|<<</i);
      const { record, kept } = await recorded(at, ana);
      expect(record).toMatchObject({
        status,
        provider: 'openai-compatible',
        model: 'some-model',
        tokens: { in: usd === 0 ? 0 : expect.any(Number), out: 0 },
        cost: { usd },
        artifacts: {},
        meta: { error: code, ...(usd === null && { tokensEstimated: true }) },
      });
      expect(JSON.stringify(record)).not.toMatch(/gpu-17|org-secret/);
      expect(kept).toEqual(['input.json', 'record.json']);
      await double.calls.at(-1)!.closed;
    },
  );

  it('is ended when the client leaves, and the request is recorded', async () => {
    double.respond = isSilent;
    const ana = llm.newAccount();
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
    const { record } = await recorded(llm, ana);
    expect(record).toMatchObject({ status: 499, meta: { error: 'CLIENT_CLOSED_REQUEST' } });
    expect(double.calls).toHaveLength(1);
  });
});
