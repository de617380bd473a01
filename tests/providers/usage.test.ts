import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { Prices } from '#shared/llm/prices/prices.js';
import { ChatCompletionsModel } from '#shared/llm/providers/chat-completions.provider.js';
import { OpenAiImageModel } from '#shared/llm/providers/openai-images.provider.js';
import { draws, says, startProviderDouble, type ProviderDouble } from '../support/provider-double.js';
import { failureOf } from './thrown.js';

const TURNS = [{ role: 'user', content: 'Twelve chars' }] as const;
const PICTURE = { prompt: 'a lighthouse', width: 64, height: 64, seed: 1 } as const;
/** US dollars per million tokens. */
const prices = new Prices({ paid: { '*': { input: 1_000_000, output: 2_000_000 } } });

let double: ProviderDouble;
let png: Buffer;
beforeAll(async () => {
  double = await startProviderDouble();
  png = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#123456' } })
    .png()
    .toBuffer();
});
beforeEach(() => double.reset());
afterAll(() => double?.close());

const settings = () => ({ provider: 'paid', baseUrl: double.baseUrl, model: 'm', prices });
const never = (): AbortSignal => new AbortController().signal;
const chat = () => new ChatCompletionsModel(settings()).chat({ turns: TURNS }, { signal: never() });
const draw = () => new OpenAiImageModel(settings()).generateImage(PICTURE, { signal: never() });

describe('the usage of a chat', () => {
  it.each([
    ['has no counts', {}, { in: 3, out: 2 }],
    ['has a total alone', { total_tokens: 300 }, { in: 3, out: 2 }],
    ['has nulls', { prompt_tokens: null, completion_tokens: null }, { in: 3, out: 2 }],
    ['has zeros', { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }, { in: 3, out: 2 }],
    ['has negative counts', { prompt_tokens: -5, completion_tokens: -1 }, { in: 3, out: 2 }],
    ['has fractions', { prompt_tokens: 1.5, completion_tokens: 2.5 }, { in: 3, out: 2 }],
    ['has no count of the answer', { prompt_tokens: 20 }, { in: 20, out: 2 }],
    ['has no count of the prompt', { prompt_tokens: 0, completion_tokens: 9 }, { in: 3, out: 9 }],
  ])('that %s is estimated where it says nothing, and that is told', async (_case, usage, expected) => {
    double.respond = says('12345678', { usage });
    expect(await chat()).toMatchObject({
      tokens: { ...expected, estimated: true },
      costUsd: expected.in + 2 * expected.out,
    });
  });

  it('is counted where it has both counts', async () => {
    double.respond = says('12345678', { usage: { prompt_tokens: 20, completion_tokens: 9 } });
    expect((await chat()).tokens).toEqual({ in: 20, out: 9, estimated: false });
  });

  it('may be 0 for an answer without a word', async () => {
    double.respond = says('', { usage: { prompt_tokens: 20, completion_tokens: 0 } });
    const { spent } = await failureOf(chat());
    expect(spent).toEqual({ tokens: { in: 20, out: 0, estimated: false }, costUsd: 20 });
  });

  it.each([[{}], [{ total_tokens: 300 }], [{ prompt_tokens: 0, completion_tokens: 0 }], [{ prompt_tokens: 20 }]])(
    'of an answer without a word, %j, leaves its cost unknown',
    async (usage) => {
      double.respond = says('', { usage });
      expect((await failureOf(chat())).spent).toEqual({ tokens: { in: 3, out: 0, estimated: true }, costUsd: null });
    },
  );
});

describe('the usage of a picture', () => {
  it.each([
    ['has no counts', {}],
    ['has zeros', { input_tokens: 0, output_tokens: 0 }],
    ['has no tokens of the picture', { input_tokens: 9, output_tokens: 0 }],
    ['has negative counts', { input_tokens: -9, output_tokens: -1_056 }],
    ['has one negative count', { input_tokens: 9, output_tokens: -1 }],
  ])('that %s is estimated, and its cost unknown', async (_case, usage) => {
    double.respond = draws(png, { usage });
    expect(await draw()).toMatchObject({ tokens: { in: 3, out: 0, estimated: true }, costUsd: null });
  });
});
