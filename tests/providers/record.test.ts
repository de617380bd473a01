import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { graphqlData, sendGraphql } from '../support/graphql-client.js';
import { CHAT, IMAGE } from '../support/definitions.js';
import { startLlm, type Account, type LlmUnderTest } from '../support/llm-subgraph.js';
import { fails, paints, says, startProviderDouble, type ProviderDouble } from '../support/provider-double.js';

const FIELDS = 'id status provider model cost { usd } meta';
const SEND = `mutation ($input: SendChatMessageInput!) { made: sendChatMessage(input: $input) { ${FIELDS} } }`;
const DRAW = `mutation ($input: GenerateImageInput!) { made: generateImage(input: $input) { ${FIELDS} } }`;

interface Made {
  readonly provider: string;
  readonly model: string;
  readonly cost: { readonly usd: number | null };
  readonly meta: Record<string, unknown>;
}

let double: ProviderDouble;
let chat: LlmUnderTest;
let image: LlmUnderTest;
let ana: Account;

beforeAll(async () => {
  double = await startProviderDouble();
  const env = {
    LLM_PROVIDERS: 'ollama,openai-compatible,local',
    OLLAMA_BASE_URL: `${double.origin}/ollama`,
    OLLAMA_MODEL: 'small',
    LLM_BASE_URL: double.baseUrl,
    LLM_MODEL: 'large',
    IMAGE_PROVIDERS: 'pollinations,local',
    POLLINATIONS_BASE_URL: double.origin,
    POLLINATIONS_API_KEY: 'key-1',
    LLM_MAX_RETRIES: '0',
  };
  [chat, image] = await Promise.all([startLlm(CHAT, env), startLlm(IMAGE, env)]);
});
beforeEach(() => {
  double.reset();
  ana = chat.newAccount();
});
afterAll(async () => {
  await Promise.all([chat?.stop(), image?.stop()]);
  double?.close();
});

async function made(at: LlmUnderTest, query: string, input: Record<string, unknown>): Promise<Made> {
  const token = at === chat ? ana.token : at.newAccount().token;
  return (await graphqlData<{ made: Made }>(at.url, { query, variables: { input }, token })).made;
}

const hello = (more: Record<string, unknown> = {}) => ({
  sessionId: 'demo',
  messages: [{ role: 'user', content: 'Hola' }],
  ...more,
});
const attempted = ({ meta }: Made): unknown[] =>
  (meta['attempts'] as { latencyMs: number }[]).map(({ latencyMs, ...attempt }) => {
    expect(Number.isInteger(latencyMs)).toBe(true);
    return attempt;
  });

describe('the record of a chat turn', () => {
  it('says who answered, and who was asked before', async () => {
    double.respond = (call, response) =>
      (call.path.startsWith('/ollama') ? fails(503) : says('From the second.'))(call, response);
    const record = await made(chat, SEND, hello());
    expect(record).toMatchObject({ provider: 'openai-compatible', model: 'large', cost: { usd: null } });
    expect(attempted(record)).toEqual([
      { provider: 'ollama', model: 'small', outcome: 'UPSTREAM_ERROR', status: 503 },
      { provider: 'openai-compatible', model: 'large', outcome: 'ok' },
    ]);
  });

  it('says so when the offline one answered in the end', async () => {
    double.respond = fails(500);
    const record = await made(chat, SEND, hello());
    expect(record).toMatchObject({ provider: 'local', model: 'offline-responder', cost: { usd: 0 } });
    expect(attempted(record)).toHaveLength(3);
  });

  it('names the provider of a model that the client asked for, also when it fails', async () => {
    double.respond = fails(404);
    const input = hello({ model: 'openai-compatible/huge' });
    const { errors } = await sendGraphql(chat.url, { query: SEND, variables: { input }, token: ana.token });
    expect(errors[0]?.extensions.code).toBe('UPSTREAM_ERROR');
    expect(double.calls.map(({ path, body }) => [path, body.model])).toEqual([['/v1/chat/completions', 'huge']]);
    const keys = (await chat.keys('requests/')).filter((key) => key.endsWith('/record.json'));
    const records = await Promise.all(keys.map((key) => chat.json<Made & { userId: string }>(key)));
    const record = records.find(({ userId }) => userId === ana.id)!;
    expect(record).toMatchObject({ status: 502, provider: 'openai-compatible', model: 'huge' });
    expect(attempted(record)).toEqual([
      { provider: 'openai-compatible', model: 'huge', outcome: 'UPSTREAM_ERROR', status: 404 },
    ]);
  });

  it('lets a conversation of long messages go on, without its beginning', async () => {
    const content = 'x'.repeat(32_000);
    for (let turn = 0; turn < 9; turn += 1) {
      await made(chat, SEND, hello({ messages: [{ role: 'user', content: `${turn}${content.slice(1)}` }] }));
    }
    const shown = double.calls.at(-1)!.body.messages!.filter(({ role }) => role === 'user');
    expect(shown.map((message) => message.content[0]).join('')).toBe('2345678');
  });
});

describe('the record of a picture', () => {
  const order = { prompt: 'a lighthouse', size: '96x64', seed: 7 };

  it('says what was made where it was cut to the size asked for', async () => {
    const bytes = await sharp({ create: { width: 128, height: 128, channels: 3, background: '#204060' } })
      .jpeg()
      .toBuffer();
    double.respond = paints(bytes, { 'content-type': 'image/jpeg' });
    const record = await made(image, DRAW, { ...order, style: 'Watercolor' });
    expect(record).toMatchObject({ provider: 'pollinations', model: 'flux', cost: { usd: null } });
    expect(record.meta).toMatchObject({
      madeSize: '128x128',
      params: { size: '96x64', seed: 7, style: 'Watercolor' },
    });
    expect(attempted(record)).toEqual([{ provider: 'pollinations', model: 'flux', outcome: 'ok' }]);
  });

  it('counts bytes that are no picture as the failure of whoever sent them', async () => {
    double.respond = paints(Buffer.from('a picture, honestly'));
    const record = await made(image, DRAW, order);
    expect(record).toMatchObject({ provider: 'local', model: 'procedural-painter' });
    expect(attempted(record)).toEqual([
      { provider: 'pollinations', model: 'flux', outcome: 'UPSTREAM_ERROR' },
      { provider: 'local', model: 'procedural-painter', outcome: 'ok' },
    ]);
  });
});
