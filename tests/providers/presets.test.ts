import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { loadConfig } from '#shared/config/load-config.js';
import { createChatModel, createImageModel } from '#shared/llm/create-models.js';
import { llmEnv } from '#shared/llm/provider.config.js';
import { says, startProviderDouble, USAGE, type ProviderDouble } from '../support/provider-double.js';

let double: ProviderDouble;
beforeAll(async () => {
  double = await startProviderDouble();
});
beforeEach(() => double.reset());
afterAll(() => double?.close());

const parts = { log: { warn: () => undefined }, defer: () => undefined };
const load = (env: Record<string, string>) => loadConfig(z.object(llmEnv), env);
const TURNS = [{ role: 'user', content: 'Hola' }] as const;
const ask = async (env: Record<string, string>) =>
  (await createChatModel(load(env), parts)).chat({ turns: TURNS }, { signal: new AbortController().signal });

describe('POST /chat/completions', () => {
  it.each([
    ['openai', 'OPENAI', '/v1', 'gpt-4.1-mini', { max_completion_tokens: 4_000 }],
    ['github-models', 'GITHUB_MODELS', '/inference', 'openai/gpt-4.1-mini', { max_completion_tokens: 4_000 }],
    ['ollama', 'OLLAMA', '/v1', 'llama3.2', { max_tokens: 4_000 }],
    ['vllm', 'VLLM', '/v1', 'qwen', { max_tokens: 4_000 }],
    ['llama-cpp', 'LLAMA_CPP', '/v1', 'gemma', { max_tokens: 4_000 }],
    ['pollinations', 'POLLINATIONS', '', 'openai', { max_tokens: 4_000 }],
  ])('is how %s is asked', async (provider, prefix, path, model, more) => {
    const env = {
      LLM_PROVIDERS: provider,
      [`${prefix}_BASE_URL`]: `${double.origin}${path}`,
      [`${prefix}_API_KEY`]: 'key-1',
      [`${prefix}_MODEL`]: model,
    };
    const answer = await ask(env);
    expect(answer).toMatchObject({ provider, model, text: 'Very well.' });
    const [call] = double.calls;
    expect(call).toMatchObject({
      method: 'POST',
      path: `${path || '/v1'}/chat/completions`,
      headers: { authorization: 'Bearer key-1', 'content-type': 'application/json' },
    });
    expect(call!.body).toEqual({ model, messages: TURNS, ...more });
  });
});

describe('what an answer cost', () => {
  const OPENAI = { LLM_PROVIDERS: 'openai/gpt-4o-mini', OPENAI_API_KEY: 'k' };

  it('is by the catalogue, with what was read from the cache priced as such', async () => {
    const env = { ...OPENAI, OPENAI_BASE_URL: double.baseUrl };
    expect(await ask(env)).toMatchObject({ costUsd: 0.00027 });
    double.respond = says('Yes.', { usage: { ...USAGE, prompt_tokens_details: { cached_tokens: 500 } } });
    expect(await ask(env)).toMatchObject({
      costUsd: 0.000235,
      tokens: { in: 1_000, out: 200, cachedIn: 500, estimated: false },
    });
  });

  it('is unknown for a server of one’s own', async () => {
    const env = { LLM_PROVIDERS: 'ollama', OLLAMA_MODEL: 'llama3.2', OLLAMA_BASE_URL: double.baseUrl };
    expect(await ask(env)).toMatchObject({ costUsd: null });
  });

  it('is nothing for what runs here', async () => {
    expect(await ask({})).toMatchObject({ provider: 'local', costUsd: 0 });
  });
});

describe('IMAGE_PROVIDERS', () => {
  it('lets pictures be made by others than texts', async () => {
    const config = load({
      LLM_PROVIDERS: 'ollama',
      OLLAMA_MODEL: 'llama3.2',
      IMAGE_PROVIDERS: 'stability,pollinations,local',
      STABILITY_API_KEY: 'k',
      POLLINATIONS_API_KEY: 'k',
      STABILITY_BASE_URL: double.origin,
      POLLINATIONS_BASE_URL: double.origin,
    });
    double.respond = (_call, response) => response.writeHead(400).end();
    const model = await createImageModel(config, parts);
    const request = { prompt: 'a lighthouse', width: 64, height: 64, seed: 1 };
    const { provider, attempts } = await model.generateImage(request, { signal: new AbortController().signal });
    expect(provider).toBe('local');
    expect(attempts?.map((of) => `${of.provider}/${of.model} ${of.outcome}`)).toEqual([
      'stability/core UPSTREAM_ERROR',
      'pollinations/flux UPSTREAM_ERROR',
      'local/procedural-painter ok',
    ]);
  });
});
