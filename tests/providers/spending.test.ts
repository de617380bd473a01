import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { anyFreePort } from '../../infra/local/ports.js';
import { ChunkedSummaryModel } from '../../subgraphs/summarize/chunks/chunked-summary.js';
import { PromptedSummaryModel } from '../../subgraphs/summarize/prompted-summary.js';
import { attemptsOf } from '#shared/llm/failed-attempts.js';
import { Fallback } from '#shared/llm/fallback/fallback.js';
import { FallbackChatModel } from '#shared/llm/fallback/fallback-chat.js';
import { FallbackImageModel } from '#shared/llm/fallback/fallback-image.js';
import { PngImageModel } from '#shared/llm/image/png-image.js';
import { LocalChatModel } from '#shared/llm/local/local-chat.provider.js';
import { LocalImageModel } from '#shared/llm/local/local-image.provider.js';
import type { CallOptions, ChatModel, Spending } from '#shared/llm/llm.port.js';
import { Prices } from '#shared/llm/prices/prices.js';
import { ChatCompletionsModel } from '#shared/llm/providers/chat-completions.provider.js';
import { OpenAiImageModel } from '#shared/llm/providers/openai-images.provider.js';
import { PollinationsImageModel } from '#shared/llm/providers/pollinations-image.provider.js';
import { StabilityImageModel } from '#shared/llm/providers/stability-image.provider.js';
import { StreamRefused } from '#shared/streams/stream-refused.js';
import { startStreamingProvider, type StreamingProvider } from '../chat/streaming-provider.js';
import {
  breaksOff,
  draws,
  fails,
  inTurn,
  isSilent,
  paints,
  says,
  sends,
  startProviderDouble,
  type ProviderDouble,
  type Respond,
} from '../support/provider-double.js';
import { holdClock } from './held-clock.js';
import { failureOf } from './thrown.js';

const TURNS = [{ role: 'user', content: 'Hola' }] as const;
const PICTURE = { prompt: 'a lighthouse', width: 64, height: 64, seed: 1 } as const;
/** US dollars per million tokens; a call of the double's usual usage costs 0.0014. */
const PRICES = new Prices({
  paid: { '*': { input: 1, output: 2, image: 0.03 } },
  free: { '*': { input: 0, output: 0 } },
});
const USUAL: Spending = { tokens: { in: 1_000, out: 200, estimated: false }, costUsd: 0.0014 };
const UNKNOWN: Spending = { tokens: { in: 1, out: 0, estimated: true }, costUsd: null };

let double: ProviderDouble;
beforeAll(async () => {
  double = await startProviderDouble();
});
beforeEach(() => double.reset());
afterAll(() => double?.close());

const never = (): AbortSignal => new AbortController().signal;
const settings = (provider: string, baseUrl = double.baseUrl) => ({ provider, baseUrl, model: 'm', prices: PRICES });
const remote = (provider = 'paid', baseUrl?: string) => new ChatCompletionsModel(settings(provider, baseUrl));
const fallbackOf = (maxRetries = 0) =>
  new Fallback({ clock: holdClock(), log: { warn: () => undefined }, timeoutMs: 60_000, maxRetries });
const chatBy = (models: readonly [ChatModel, ...ChatModel[]], maxRetries?: number) =>
  new FallbackChatModel(models, fallbackOf(maxRetries), { maxInputChars: 1_000, maxOutputTokens: 50 });

async function spentInVain(model: ChatModel, options: Partial<CallOptions> = {}): Promise<Spending | undefined> {
  return (await failureOf(model.chat({ turns: TURNS }, { signal: never(), ...options }))).spent;
}

describe('a call that fails', () => {
  it('has cost what its usage says where the answer is empty: the model may have thought for long', async () => {
    double.respond = says('');
    expect(await spentInVain(chatBy([remote()]))).toEqual(USUAL);
  });

  it.each(['content_filter', 'length'])('has cost that too where %s ended it before a word', async (finish_reason) => {
    double.respond = says('', { choices: [{ index: 0, message: { role: 'assistant', content: '' }, finish_reason }] });
    const failure = await failureOf(chatBy([remote()], 2).chat({ turns: TURNS }, { signal: never() }));
    expect(failure).toMatchObject({ fault: 'refused', spent: USUAL, message: 'The model gave no answer.' });
    expect(double.calls).toHaveLength(1);
  });

  it.each<[string, Respond]>([
    ['a 400', fails(400)],
    ['a 401', fails(401)],
    ['a 429', fails(429)],
    ['a 500', fails(500)],
    ['a 503', fails(503)],
    ['a 504', fails(504)],
  ])('has cost nothing where it is answered with %s', async (_case, respond) => {
    double.respond = respond;
    expect(await spentInVain(chatBy([remote()]))).toBeUndefined();
  });

  it('has cost nothing where nobody listens', async () => {
    const baseUrl = `http://127.0.0.1:${await anyFreePort()}/v1`;
    expect(await spentInVain(chatBy([remote('paid', baseUrl)]))).toBeUndefined();
  });

  const cut: [string, Respond][] = [
    ['it breaks off', breaksOff],
    ['the connection is lost before an answer', (_call, response) => response.destroy()],
    ['the answer is garbage', sends('<<<')],
    ['the answer is a web page', sends('<html></html>', 'text/html')],
    ['the answer is empty and its usage not said', says('', { usage: undefined })],
  ];
  it.each(cut)('has cost nobody knows what where %s', async (_case, respond) => {
    double.respond = respond;
    expect(await spentInVain(chatBy([remote()]))).toEqual(UNKNOWN);
  });

  it.each(cut)('of a model that is free has cost nothing where %s', async (_case, respond) => {
    double.respond = respond;
    expect(await spentInVain(chatBy([remote('free')]))).toEqual({ ...UNKNOWN, costUsd: 0 });
  });

  it.each([
    ['times out', new DOMException('The time is over.', 'TimeoutError')],
    ['is left by its client', new Error('gone')],
  ])('has cost nobody knows what where it %s', async (_case, reason) => {
    double.respond = isSilent;
    const caller = new AbortController();
    const spent = spentInVain(chatBy([remote()]), { signal: caller.signal });
    await double.nextCall();
    caller.abort(reason);
    expect(await spent).toEqual(UNKNOWN);
  });

  it('has cost nothing where the client had left before', async () => {
    expect(await spentInVain(chatBy([remote()]), { signal: AbortSignal.abort() })).toBeUndefined();
  });
});

describe('a streamed answer that is cut', () => {
  let provider: StreamingProvider;
  beforeEach(async () => {
    provider = await startStreamingProvider();
  });
  afterEach(() => provider?.close());

  const PIECES = 'Some words that were said.';
  const SAID: Spending = { tokens: { in: 1, out: 7, estimated: true }, costUsd: null };

  it('by its provider has cost nobody knows what; its tokens are estimated by what was heard', async () => {
    const heard = Promise.withResolvers<void>();
    const spent = spentInVain(chatBy([remote('paid', provider.double.baseUrl)]), {
      onDelta: async () => heard.resolve(),
    });
    const answer = await provider.nextAnswer();
    answer.say(PIECES);
    await heard.promise;
    answer.cut();
    expect(await spent).toEqual(SAID);
  });

  it('by who hears it has too', async () => {
    const refused = new StreamRefused('full');
    const onDelta = async (): Promise<void> => {
      throw refused;
    };
    const chat = chatBy([remote('paid', provider.double.baseUrl)]);
    const call = chat.chat({ turns: TURNS }, { signal: never(), onDelta });
    const answer = await provider.nextAnswer();
    answer.say(PIECES);
    await expect(call).rejects.toBe(refused);
    expect(attemptsOf(refused).spent).toEqual(SAID);
  });
});

describe('a request of several calls', () => {
  const local = new LocalChatModel({ now: () => new Date(0) });

  it('costs what all of them did, those that were of no use included', async () => {
    double.respond = inTurn(says(''), says('Here I am.'));
    const answer = await chatBy([remote(), remote()]).chat({ turns: TURNS }, { signal: never() });
    expect(answer).toMatchObject({ text: 'Here I am.', costUsd: 0.0028, tokens: { in: 2_000, out: 400 } });
  });

  it('costs what the answer did where the others cost nothing', async () => {
    double.respond = inTurn(fails(503), says('Here I am.'));
    const answer = await chatBy([remote()], 1).chat({ turns: TURNS }, { signal: never() });
    expect(answer).toMatchObject({ ...USUAL, attempts: [{ status: 503 }, { outcome: 'ok' }] });
  });

  it('costs nobody knows what where that is so of one, whoever answers then', async () => {
    double.respond = breaksOff;
    const answer = await chatBy([remote(), local]).chat({ turns: TURNS }, { signal: never() });
    expect(answer).toMatchObject({ provider: 'local', costUsd: null });
  });

  it('that fails has cost what each try did', async () => {
    double.respond = breaksOff;
    expect(await spentInVain(chatBy([remote()], 2))).toEqual({
      ...UNKNOWN,
      tokens: { in: 3, out: 0, estimated: true },
    });
  });

  it('in pieces has cost what the pieces did, done, failed and broken off', async () => {
    const { baseUrl } = double;
    const one = new PromptedSummaryModel(chatBy([remote('paid', baseUrl)]));
    const chunked = new ChunkedSummaryModel(one, { inputTokens: 100, width: 1, maxInputChars: 10_000 });
    double.respond = inTurn(says('Short.'), says(''));
    const text = 'The lamp burns every evening for the ships out at sea. '.repeat(10);
    const { spent } = await failureOf(chunked.summarize({ text, length: 'short' }, { signal: never() }));
    expect(spent).toEqual({ tokens: { in: 2_000, out: 400, estimated: false }, costUsd: 0.0028 });
  });
});

describe('a picture', () => {
  const models = {
    pollinations: () => new PollinationsImageModel(settings('paid', double.origin)),
    stability: () => new StabilityImageModel(settings('paid', double.origin)),
    openai: () => new OpenAiImageModel(settings('paid')),
  };
  const draw = (model: keyof typeof models, rest: LocalImageModel[] = []) =>
    new FallbackImageModel([new PngImageModel(models[model]()), ...rest], fallbackOf()).generateImage(PICTURE, {
      signal: never(),
    });
  const noPicture = Buffer.from('a picture, honestly');

  it.each([
    ['pollinations', paints(noPicture)],
    ['stability', paints(noPicture)],
    ['openai', draws(noPicture)],
  ] as const)('of %s that cannot be decoded has cost its price all the same', async (model, respond) => {
    double.respond = respond;
    expect((await failureOf(draw(model))).spent).toMatchObject({ costUsd: 0.03 });
    const bytes = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#204060' } })
      .png()
      .toBuffer();
    double.respond = model === 'openai' ? draws(bytes) : paints(bytes);
    expect(await draw(model)).toMatchObject({ costUsd: 0.03 });
  });

  it('that another makes then costs what the first charged', async () => {
    double.respond = paints(noPicture);
    expect(await draw('pollinations', [new LocalImageModel()])).toMatchObject({ provider: 'local', costUsd: 0.03 });
  });

  it.each<[keyof typeof models, string, Respond]>([
    ['pollinations', 'breaks off', breaksOff],
    ['stability', 'breaks off', breaksOff],
    ['openai', 'breaks off', breaksOff],
    ['pollinations', 'is no picture', sends('{}')],
    ['stability', 'is blurred by its filter', paints(noPicture, { 'finish-reason': 'CONTENT_FILTERED' })],
    ['openai', 'is not there', sends('{"created":1,"data":[]}')],
  ])('of %s has cost nobody knows what where it %s', async (model, _case, respond) => {
    double.respond = respond;
    expect((await failureOf(draw(model))).spent).toEqual({
      tokens: { in: 3, out: 0, estimated: true },
      costUsd: null,
    });
  });

  it.each(['pollinations', 'stability', 'openai'] as const)(
    'of %s has cost nothing where it is refused',
    async (model) => {
      double.respond = fails(429);
      expect((await failureOf(draw(model))).spent).toBeUndefined();
    },
  );
});
