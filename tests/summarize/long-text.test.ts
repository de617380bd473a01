import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startLlm, type Account, type LlmUnderTest } from '../support/llm-subgraph.js';
import {
  fails,
  inTurn,
  isSilent,
  says,
  startProviderDouble,
  USAGE,
  type ProviderDouble,
  type ReceivedCall,
} from '../support/provider-double.js';
import { graphqlData, sendGraphql } from '../support/graphql-client.js';
import { SUMMARIZE_QUERY, summarizeWith, type SummaryReply } from './summarize-under-test.js';

const CONTEXT_TOKENS = 2_048;
/** As small a price as any, to see that costs are added up to the last digit. */
const PRICED = { LLM_PROVIDER: 'openai', OPENAI_API_KEY: 'key', OPENAI_MODEL: 'gpt-4o-mini' };

let double: ProviderDouble;
let llm: LlmUnderTest;
let hasty: LlmUnderTest;
let offline: LlmUnderTest;
let ana: Account;

beforeAll(async () => {
  double = await startProviderDouble();
  const env = { ...PRICED, OPENAI_BASE_URL: double.baseUrl, LLM_MAX_RETRIES: '1' };
  const definition = summarizeWith({ contextTokens: CONTEXT_TOKENS });
  [llm, hasty, offline] = await Promise.all([
    startLlm(definition, env),
    startLlm(definition, { ...env, LLM_TIMEOUT_MS: '300' }),
    startLlm(definition),
  ]);
  ana = llm.newAccount();
});
beforeEach(() => double.reset());
afterAll(async () => {
  await Promise.all([llm?.stop(), hasty?.stop(), offline?.stop()]);
  double?.close();
});

const sentence = (number: number): string =>
  `Sentence number ${number} of the story tells of the lamp and of the sea. `;
const story = (sentences: number): string =>
  Array.from({ length: sentences }, (_none, at) => sentence(at))
    .join('')
    .trim();
const textOf = ({ body }: ReceivedCall): string => body.messages?.at(-1)?.content ?? '';
const promptOf = ({ body }: ReceivedCall): string => body.messages?.[0]?.content ?? '';

async function summarize(input: Record<string, unknown>, { token } = ana, at = llm): Promise<SummaryReply> {
  const sent = { query: SUMMARIZE_QUERY, variables: { input }, token };
  return (await graphqlData<{ summarize: SummaryReply }>(at.url, sent)).summarize;
}

describe('Mutation.summarize of a long text', () => {
  it('asks once where one call can read it all', async () => {
    const reply = await summarize({ text: story(40), length: 'short' });
    expect(double.calls).toHaveLength(1);
    expect(reply.meta).not.toHaveProperty('chunks');
  });

  it('summarizes whole sentences in pieces that fit, then their summaries, in their order and by one prompt', async () => {
    double.respond = (call, response) => says(`Summary of ${/number \d+/.exec(textOf(call))?.[0]}.`)(call, response);
    const text = story(300);
    const reply = await summarize({ text, length: 'short', style: 'bullet' });
    const [pieces, last] = [double.calls.slice(0, -1), double.calls.at(-1)!];
    expect(pieces.length).toBeGreaterThan(4);
    const inOrder = pieces.map(textOf).toSorted((a, b) => text.indexOf(a) - text.indexOf(b));
    expect(inOrder.map((piece) => piece.trim()).join(' ')).toBe(text);
    for (const call of pieces) {
      expect(textOf(call)).toMatch(/^Sentence .*\. ?$/);
      expect(promptOf(call)).not.toContain('points');
      expect(
        textOf(call).length / 3 + Number(call.body['max_tokens'] ?? call.body['max_completion_tokens']) + 400,
      ).toBeLessThanOrEqual(CONTEXT_TOKENS);
    }
    expect(textOf(last)).toBe(inOrder.map((piece) => `Summary of ${/number \d+/.exec(piece)?.[0]}.`).join('\n\n'));
    expect(promptOf(last)).toContain('at most 3 points');
    const calls = double.calls.length;
    expect(reply).toMatchObject({
      provider: 'openai',
      model: 'gpt-4o-mini',
      tokens: { in: calls * USAGE.prompt_tokens, out: calls * USAGE.completion_tokens },
      meta: { chunks: { count: pieces.length, levels: 2, calls }, finishReason: 'stop' },
    });
    const { usd } = (await summarizeOnce()).cost;
    expect(reply.cost.usd).toBeCloseTo(Number(usd) * calls, 12);
    expect(String(reply.cost.usd).length).toBeLessThan(16);
    expect((reply.meta as unknown as { attempts: unknown[] }).attempts).toHaveLength(calls);
  });

  it('goes on summarizing summaries until one call can read them', async () => {
    double.respond = says(sentence(1).repeat(20));
    const reply = await summarize({ text: story(1_500), length: 'short' });
    const { chunks } = reply.meta as unknown as { chunks: { count: number; levels: number; calls: number } };
    expect(chunks.levels).toBeGreaterThan(2);
    expect(chunks.calls).toBe(double.calls.length);
  });

  it('has a few calls under way at a time', async () => {
    let running = 0;
    let most = 0;
    const fourth = Promise.withResolvers<void>();
    double.respond = async (call, response) => {
      running += 1;
      most = Math.max(most, running);
      if (running === 4) fourth.resolve();
      await fourth.promise;
      running -= 1;
      return says('Short.')(call, response);
    };
    await summarize({ text: story(600), length: 'short' });
    expect(most).toBe(4);
  });

  it('tells of an answer that was cut off in any of its calls', async () => {
    const choice = { index: 0, message: { role: 'assistant', content: 'Cut' }, finish_reason: 'length' };
    double.respond = inTurn(says('Cut', { choices: [choice] }), says('Whole.'));
    expect(await summarize({ text: story(300), length: 'short' })).toMatchObject({ meta: { finishReason: 'length' } });
  });

  it('tries a piece again that failed, and fails as a whole when it fails for good', async () => {
    double.respond = inTurn(fails(500, { 'retry-after': '0' }), says('Fine.'));
    expect(await summarize({ text: story(300), length: 'short' })).toMatchObject({ status: 200 });
    double.reset();
    double.respond = fails(400);
    const sent = { query: SUMMARIZE_QUERY, variables: { input: { text: story(1_000) } }, token: ana.token };
    expect((await sendGraphql(llm.url, sent)).errors[0]?.extensions.code).toBe('UPSTREAM_ERROR');
    // Those under way when the first failed, and none after it.
    expect(double.calls.length).toBeLessThanOrEqual(4);
  });

  it('books what its calls took that went well, when it fails as a whole', async () => {
    const { usd } = (await summarizeOnce()).cost;
    double.reset();
    const bob = llm.newAccount();
    // The pieces go well; the summary of their summaries, which is asked for alone, does not.
    double.respond = (call, response) =>
      (textOf(call).startsWith('Fine.') ? fails(400) : says('Fine.'))(call, response);
    const sent = { query: SUMMARIZE_QUERY, variables: { input: { text: story(1_000) } }, token: bob.token };
    expect((await sendGraphql(llm.url, sent)).errors[0]?.extensions.code).toBe('UPSTREAM_ERROR');
    const { tokens, cost } = await llm.eventBy(({ userId }) => userId === bob.id);
    const key = (await llm.keys('requests/')).filter((one) => one.endsWith('record.json')).at(-1) ?? '';
    const record = await llm.json<{ userId: string; meta: { attempts: { outcome: string }[]; chunks: object } }>(key);
    const well = record.meta.attempts.filter(({ outcome }) => outcome === 'ok').length;
    expect(record.userId).toBe(bob.id);
    expect(well).toBeGreaterThan(1);
    expect(record.meta.chunks).toEqual({ count: expect.any(Number), levels: 1, calls: well });
    expect(tokens).toEqual({ in: well * USAGE.prompt_tokens, out: well * USAGE.completion_tokens });
    expect((cost as { usd: number }).usd).toBeCloseTo(Number(usd) * well, 12);
  });

  it('does not go on for ever with a model that shortens nothing', async () => {
    double.respond = (call, response) => says(textOf(call))(call, response);
    const sent = { query: SUMMARIZE_QUERY, variables: { input: { text: story(300) } }, token: ana.token };
    expect((await sendGraphql(llm.url, sent)).errors[0]?.extensions.code).toBe('UPSTREAM_ERROR');
  });

  it('has one deadline for all calls', async () => {
    double.respond = inTurn(says('Fast.'), isSilent);
    const token = hasty.newAccount().token;
    const sent = { query: SUMMARIZE_QUERY, variables: { input: { text: story(300) } }, token };
    expect((await sendGraphql(hasty.url, sent)).errors[0]?.extensions.code).toBe('UPSTREAM_TIMEOUT');
    await Promise.all(double.calls.map(({ closed }) => closed));
  });

  it('gives the offline summarizer the text whole', async () => {
    const reply = await summarize({ text: story(1_500), length: 'short' }, offline.newAccount(), offline);
    expect(reply).toMatchObject({ provider: 'local', status: 200 });
    expect(reply.meta).not.toHaveProperty('chunks');
  });

  async function summarizeOnce(): Promise<SummaryReply> {
    double.reset();
    return summarize({ text: story(10), length: 'short' });
  }
});
