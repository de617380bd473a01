import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { AppError } from '#shared/errors/app-error.js';
import type { ChatTurn } from '#shared/llm/llm.port.js';
import { Prices } from '#shared/llm/prices/prices.js';
import { ChatCompletionsModel } from '#shared/llm/providers/chat-completions.provider.js';
import { OpenAiImageModel } from '#shared/llm/providers/openai-images.provider.js';
import type { RemoteSettings } from '#shared/llm/providers/remote.js';
import { PromptedSummaryModel } from '../../subgraphs/summarize/prompted-summary.js';
import {
  breaksOff,
  draws,
  fails,
  INTERNALS,
  isSilent,
  says,
  sends,
  stalls,
  startProviderDouble,
  USAGE,
  type ProviderDouble,
  type Respond,
} from '../support/provider-double.js';

const TURNS: ChatTurn[] = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'Hola' },
];

let double: ProviderDouble;
beforeAll(async () => {
  double = await startProviderDouble();
});
beforeEach(() => double.reset());
afterAll(() => double?.close());

const settings = (change: Partial<RemoteSettings> = {}): RemoteSettings => ({
  baseUrl: double.baseUrl,
  model: 'some-model',
  provider: 'openai-compatible',
  apiKey: 'key-1',
  prices: new Prices(),
  ...change,
});
const never = (): AbortSignal => new AbortController().signal;

const chat = (change: Partial<RemoteSettings> = {}, signal = never()) =>
  new ChatCompletionsModel(settings(change)).chat({ turns: TURNS }, { signal });
const summarize = (change: Partial<RemoteSettings> = {}, signal = never()) =>
  new PromptedSummaryModel(new ChatCompletionsModel(settings(change))).summarize(
    { text: 'A long story.', length: 'short' },
    { signal },
  );
const draw = (change: Partial<RemoteSettings> = {}, signal = never()) =>
  new OpenAiImageModel(settings(change)).generateImage(
    { prompt: 'a lighthouse', width: 64, height: 64, seed: 1 },
    { signal },
  );

const thrownBy = async (call: Promise<unknown>): Promise<AppError> => {
  const thrown = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof AppError) return thrown;
  throw new Error(`not an AppError: ${String(thrown)}`);
};

describe('POST {LLM_BASE_URL}/chat/completions', () => {
  it('carries the conversation, the model and the key, and gives back the answer with its counted tokens', async () => {
    expect(await chat()).toEqual({
      text: 'Very well.',
      finishReason: 'stop',
      provider: 'openai-compatible',
      model: 'some-model',
      tokens: { in: USAGE.prompt_tokens, out: USAGE.completion_tokens, estimated: false },
      costUsd: null,
    });
    const [call] = double.calls;
    expect(call).toMatchObject({ path: '/v1/chat/completions', body: { model: 'some-model', messages: TURNS } });
    expect(call?.headers.authorization).toBe('Bearer key-1');
  });

  it('sends no key where none is set', async () => {
    const { apiKey: _none, ...keyless } = settings();
    await new ChatCompletionsModel(keyless).chat({ turns: TURNS }, { signal: never() });
    expect(double.calls[0]?.headers.authorization).toBeUndefined();
  });

  it('asks for the model of the request and for no more tokens than it may, and names the model that answered', async () => {
    double.respond = says('Yes.', { model: 'other-model-2026-01-01' });
    const model = new ChatCompletionsModel(settings());
    const request = { turns: TURNS, model: 'other-model', maxOutputTokens: 20 };
    const { model: answered } = await model.chat(request, { signal: never() });
    expect(double.calls[0]?.body).toMatchObject({ model: 'other-model', max_tokens: 20 });
    expect(answered).toBe('other-model-2026-01-01');
  });

  it('estimates tokens, and says so, where the provider counts none', async () => {
    double.respond = says('12345678', { usage: undefined });
    const { tokens } = await chat();
    expect(tokens).toEqual({ in: 4, out: 2, estimated: true });
  });

  it.each([
    ['length', 'length'],
    ['content_filter', 'content-filter'],
    ['something_new', 'other'],
  ])('calls the ending %s %s', async (finish_reason, expected) => {
    const choices = [{ index: 0, message: { role: 'assistant', content: 'Text' }, finish_reason }];
    double.respond = says('', { choices });
    expect((await chat()).finishReason).toBe(expected);
  });
});

describe.each([
  ['a chat', chat],
  ['a summary', summarize],
  ['an image', draw],
])('%s of an OpenAI-compatible provider', (_name, call) => {
  it.each<[string, Respond, string]>([
    ['is over its limits', fails(429), 'RATE_LIMITED'],
    ['fails', fails(500), 'UPSTREAM_ERROR'],
    ['knows no such key', fails(401), 'UPSTREAM_ERROR'],
    ['has no such model', fails(404), 'UPSTREAM_ERROR'],
    ['waited too long itself', fails(504), 'UPSTREAM_TIMEOUT'],
    ['sends what is no JSON', sends('<<<'), 'UPSTREAM_ERROR'],
    ['sends JSON of another kind', sends('{"hello":"world"}'), 'UPSTREAM_ERROR'],
    ['sends a web page', sends(`<html>${INTERNALS}</html>`, 'text/html'), 'UPSTREAM_ERROR'],
    ['sends nothing', sends(''), 'UPSTREAM_ERROR'],
    ['breaks off in the middle', breaksOff, 'UPSTREAM_ERROR'],
    ['hangs up', (_call, response) => response.destroy(), 'UPSTREAM_ERROR'],
    [
      'sends elsewhere',
      (_call, response) => response.writeHead(307, { location: '/elsewhere' }).end(),
      'UPSTREAM_ERROR',
    ],
  ])('fails in fixed words when it %s', async (_case, respond, code) => {
    double.respond = respond;
    const error = await thrownBy(call());
    expect(error.code).toBe(code);
    expect(error.message).toMatch(
      /^The model (?:provider failed|provider refused the request|provider is busy\. Try again in a while|did not answer in time|gave no answer)\.$/,
    );
    expect(double.calls).toHaveLength(1);
  });

  it('fails when nobody listens at its address', async () => {
    const gone = await startProviderDouble();
    gone.close();
    expect((await thrownBy(call({ baseUrl: gone.baseUrl }))).code).toBe('UPSTREAM_ERROR');
  });

  it('reads no more of an answer than it may', async () => {
    double.respond = says('x'.repeat(100_000));
    expect((await thrownBy(call({ maxResponseBytes: 50_000 }))).code).toBe('UPSTREAM_ERROR');
  });

  it.each([
    ['does not begin', isSilent],
    ['does not end', stalls],
  ])('ends at its deadline when an answer %s, and closes the connection', async (_case, respond) => {
    double.respond = respond;
    const error = await thrownBy(call({}, AbortSignal.timeout(150)));
    expect(error.code).toBe('UPSTREAM_TIMEOUT');
    await double.calls[0]!.closed;
  });

  it('ends when it is cancelled, and closes the connection', async () => {
    double.respond = isSilent;
    const client = new AbortController();
    const failed = thrownBy(call({}, client.signal));
    const { closed } = await double.nextCall();
    client.abort();
    expect(await failed).toMatchObject({ code: 'CLIENT_CLOSED_REQUEST', message: 'The request was cancelled.' });
    await closed;
    expect(double.calls).toHaveLength(1);
  });
});

describe('a summary by a chat model', () => {
  it('puts the text alone into the turn of the user, and what to do with it before', async () => {
    double.respond = says('\n A summary. \n');
    expect((await summarize()).text).toBe('A summary.');
    const [system, user, ...more] = double.calls[0]!.body.messages!;
    expect(user).toEqual({ role: 'user', content: 'A long story.' });
    expect(system).toMatchObject({ role: 'system', content: expect.stringMatching(/at most 60 words/) });
    expect(more).toEqual([]);
  });

  it.each([null, '', ' \n'])('is none when the answer is %j', async (content) => {
    double.respond = says(content);
    expect(await thrownBy(summarize())).toMatchObject({ code: 'UPSTREAM_ERROR', message: 'The model gave no answer.' });
  });
});

describe('POST {LLM_BASE_URL}/images/generations', () => {
  it('asks for the size, with the style in the prompt, and gives back the picture', async () => {
    const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#123456' } })
      .png()
      .toBuffer();
    double.respond = draws(png);
    const model = new OpenAiImageModel(settings());
    const request = { prompt: 'a lighthouse', style: 'ink', width: 512, height: 256, seed: 1 };
    const { bytes, ...image } = await model.generateImage(request, { signal: never() });
    expect(Buffer.from(bytes).equals(png)).toBe(true);
    expect(image).toEqual({
      contentType: 'image/png',
      provider: 'openai-compatible',
      model: 'some-model',
      tokens: { in: 6, out: 0, estimated: true },
      costUsd: null,
    });
    expect(double.calls[0]).toMatchObject({
      path: '/v1/images/generations',
      body: { model: 'some-model', prompt: 'a lighthouse\n\nStyle: ink', size: '512x256', n: 1 },
    });
  });

  it('gives the tokens that the provider counted', async () => {
    const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#123456' } })
      .png()
      .toBuffer();
    double.respond = draws(png, { usage: { input_tokens: 9, output_tokens: 1_056, total_tokens: 1_065 } });
    expect((await draw()).tokens).toEqual({ in: 9, out: 1_056, estimated: false });
  });
});
