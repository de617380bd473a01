import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SUMMARIZE } from '../support/definitions.js';
import { startLlm } from '../support/llm-subgraph.js';
import { says, startProviderDouble, type ProviderDouble, type ReceivedCall } from '../support/provider-double.js';
import { graphqlData } from '../support/graphql-client.js';
import { SUMMARIZE_QUERY, summarizeWith } from './summarize-under-test.js';

/** Fits into a context of 8192 tokens, and not into one of 4096. */
const TEXT = 'A sentence of the story tells of the lamp and of the sea. '.repeat(250);

let double: ProviderDouble;
beforeAll(async () => {
  double = await startProviderDouble();
});
beforeEach(() => double.reset());
afterAll(() => double?.close());

/** What the most that a call reads and writes may take, by each call that the provider got for the text. */
async function contextsUsed(env: Record<string, string>, definition = SUMMARIZE): Promise<number[]> {
  const llm = await startLlm(definition, env);
  try {
    double.respond = says('Short.');
    const { token } = llm.newAccount();
    await graphqlData(llm.url, { query: SUMMARIZE_QUERY, variables: { input: { text: TEXT } }, token });
  } finally {
    await llm.stop();
  }
  return double.calls.map(({ body }: ReceivedCall) => {
    const characters = (body.messages ?? []).reduce((sum, { content }) => sum + content.length, 0);
    return characters / 3 + Number(body['max_tokens']);
  });
}

describe('a text that is longer than what the model reads at once', () => {
  it.each([
    ['alone', { LLM_PROVIDERS: 'ollama' }],
    ['after others', { LLM_PROVIDERS: 'openai-compatible,ollama', LLM_MODEL: 'm' }],
  ])('is cut for the 4096 tokens that Ollama reads unless it is told otherwise: %s', async (_case, env) => {
    const own = { OLLAMA_MODEL: 'llama3.2', OLLAMA_BASE_URL: double.baseUrl, LLM_BASE_URL: double.baseUrl };
    const used = await contextsUsed({ ...own, ...env });
    expect(used.length).toBeGreaterThan(1);
    expect(Math.max(...used)).toBeLessThanOrEqual(4_096);
  });

  it('is sent whole to other servers, and to Ollama where its context is said to be larger', async () => {
    const other = { LLM_PROVIDER: 'openai-compatible', LLM_BASE_URL: double.baseUrl, LLM_MODEL: 'm' };
    expect(await contextsUsed(other)).toHaveLength(1);
    double.reset();
    const ollama = { LLM_PROVIDERS: 'ollama', OLLAMA_MODEL: 'm', OLLAMA_BASE_URL: double.baseUrl };
    expect(await contextsUsed(ollama, summarizeWith({ contextTokens: 8_192 }))).toHaveLength(1);
  });
});
