import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { isPublicAddress } from '#shared/safe-fetch/public-address.js';
import { SafeFetch } from '#shared/safe-fetch/safe-fetch.js';
import { startLlm, type Account, type LlmUnderTest } from '../support/llm-subgraph.js';
import { says, startProviderDouble, type ProviderDouble } from '../support/provider-double.js';
import { graphqlData, sendGraphql } from '../support/graphql-client.js';
import { sends } from './hostile-pages.js';
import { startPageServer, type PageServer } from './listeners.js';
import { SUMMARIZE_QUERY, summarizeWith, type SummaryReply } from './summarize-under-test.js';

const MAX_CHARS = 1_000;
const LONGEST = 'The lamp burns. '
  .repeat(100)
  .slice(0, MAX_CHARS - 1)
  .concat('.');
const TOO_LONG = `${LONGEST}.`;

let double: ProviderDouble;
let web: PageServer;
let llm: LlmUnderTest;
let offline: LlmUnderTest;
let ana: Account;

beforeAll(async () => {
  [double, web] = await Promise.all([startProviderDouble(), startPageServer()]);
  const network = {
    resolve: async () => ['127.0.0.1'],
    permits: (address: string, port: number) =>
      (address === '127.0.0.1' && port === web.port) || isPublicAddress(address),
  };
  const definition = summarizeWith({ fetcher: new SafeFetch({ network }) });
  const env = { LLM_MAX_INPUT_CHARS: String(MAX_CHARS) };
  const remote = { LLM_PROVIDERS: 'openai-compatible,local', LLM_BASE_URL: double.baseUrl, LLM_MODEL: 'm' };
  [llm, offline] = await Promise.all([startLlm(definition, { ...env, ...remote }), startLlm(definition, env)]);
});
beforeEach(() => {
  double.reset();
  ana = llm.newAccount();
});
afterAll(async () => {
  await Promise.all([llm?.stop(), offline?.stop()]);
  double?.close();
  web?.close();
});

const sent = (input: Record<string, string>, { token } = ana) => ({
  query: SUMMARIZE_QUERY,
  variables: { input },
  token,
});

function pageOf(text: string): string {
  web.pages.set('/page', sends(text, { 'content-type': 'text/plain; charset=utf-8' }));
  return `http://pages.example:${web.port}/page`;
}

async function fileOf(text: string): Promise<string> {
  double.respond = says(text);
  const { summarize } = await graphqlData<{ summarize: SummaryReply }>(llm.url, sent({ text: 'A story.' }));
  double.reset();
  return String(summarize.s3['summary']);
}

async function statuses(): Promise<unknown[]> {
  const keys = (await llm.keys('requests/')).filter((key) => key.endsWith('/record.json'));
  const records = await Promise.all(keys.map((key) => llm.json(key)));
  return records.filter(({ userId }) => userId === ana.id).map(({ status }) => status);
}

describe('LLM_MAX_INPUT_CHARS', () => {
  it.each([
    ['text', async (text: string) => text, [], 'is'],
    ['url', async (text: string) => pageOf(text), [413], 'leads to a text'],
    ['s3Key', fileOf, [200], 'leads to a text'],
  ])('bounds what %s gives to summarize: longer texts are refused before a model is asked', async (...of) => {
    const [field, give, recorded, verb] = of;
    const { errors } = await sendGraphql(llm.url, sent({ [field]: await give(TOO_LONG) }));
    const message = `input.${field} ${verb} longer than the 1000 characters that may be sent to a model.`;
    expect(errors).toMatchObject([
      {
        message,
        extensions: { code: 'PAYLOAD_TOO_LARGE', issues: [{ path: `input.${field}`, rule: 'maxLength', message }] },
      },
    ]);
    expect(double.calls).toEqual([]);
    expect(await statuses()).toEqual(recorded);
    await graphqlData(llm.url, sent({ [field]: await give(LONGEST) }));
    expect(double.calls).toHaveLength(1);
  });

  it('says nothing of the offline summarizer, to which nothing is sent', async () => {
    await graphqlData(offline.url, sent({ text: TOO_LONG }, offline.newAccount()));
    expect(double.calls).toEqual([]);
  });
});
