import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { ConfigError, loadConfig } from '#shared/config/load-config.js';
import { createChatModel, createImageModel } from './create-models.js';
import { llmEnv } from './provider.config.js';
import type { Purpose } from './provider.presets.js';
import { llmRules, providersFor, WITH_ALL_OTHERS } from './provider.settings.js';
import { providerName } from './providers/provider-name.js';

const schemaOf = (purpose: Purpose) => z.object(llmEnv).superRefine(llmRules(purpose), WITH_ALL_OTHERS);
const load = (env: Record<string, string>, purpose: Purpose = 'chat') => loadConfig(schemaOf(purpose), env);
const providers = (purpose: Purpose, env: Record<string, string>) => providersFor(purpose, load(env, purpose));
const parts = { log: { warn: () => undefined }, defer: () => undefined };
const REMOTE = {
  LLM_PROVIDER: 'openai-compatible',
  LLM_BASE_URL: 'https://api.openai.com/v1/',
  LLM_MODEL: 'gpt-4o-mini',
};

function refusal(env: Record<string, string>, purpose: Purpose = 'chat'): ConfigError {
  try {
    load(env, purpose);
  } catch (error) {
    if (error instanceof ConfigError) return error;
  }
  throw new Error('the settings were taken');
}

describe('the settings of a provider', () => {
  it('are of the local one where nothing is set', async () => {
    const config = load({});
    expect(config).toMatchObject({ LLM_PROVIDER: 'local', LLM_TIMEOUT_MS: 60_000, LLM_MAX_RETRIES: 2 });
    const models = [await createChatModel(config, parts), await createImageModel(config, parts)];
    expect(models.map(({ provider, defaultModel }) => `${provider}/${defaultModel}`)).toEqual([
      'local/offline-responder',
      'local/procedural-painter',
    ]);
  });

  it('name an OpenAI-compatible one and its model', async () => {
    const config = load({ ...REMOTE, PROVIDER_API_KEY: 'key-1' });
    expect(config).toMatchObject({ LLM_BASE_URL: 'https://api.openai.com/v1', PROVIDER_API_KEY: 'key-1' });
    for (const model of [await createChatModel(config, parts), await createImageModel(config, parts)]) {
      expect(model).toMatchObject({ provider: 'openai', defaultModel: 'gpt-4o-mini' });
    }
  });

  it('take the key of the templates for none', () => {
    expect(load({ ...REMOTE, PROVIDER_API_KEY: 'change-me' }).PROVIDER_API_KEY).toBeUndefined();
    expect(refusal({ LLM_PROVIDERS: 'openai', OPENAI_API_KEY: 'change-me' }).problems).toHaveLength(1);
  });

  it.each(['LLM_BASE_URL', 'LLM_MODEL'])('are refused without %s, by its name', (name) => {
    for (const purpose of ['chat', 'image'] as const) {
      expect(refusal({ ...REMOTE, [name]: '' }, purpose).problems).toEqual([
        `${name}: is required by LLM_PROVIDER=openai-compatible and not set`,
      ]);
    }
  });

  it.each([
    ['LLM_PROVIDER', 'magic'],
    ['LLM_PROVIDERS', 'openai-compatible,magic'],
    ['LLM_PROVIDERS', 'openai-compatible,'],
    ['LLM_PROVIDERS', 'local,local'],
    ['LLM_BASE_URL', 'ftp://example.com'],
    ['LLM_TIMEOUT_MS', '99'],
    ['LLM_MAX_RETRIES', '11'],
  ])('are refused for a wrong %s, without its value (case %#)', (name, value) => {
    const { message } = refusal({ ...REMOTE, [name]: value });
    expect(message).toContain(name);
    expect(message.replaceAll('such as local', '').split('by /model')[0]).not.toContain(value);
  });

  it('name the setting for which each is needed', () => {
    expect(refusal({ LLM_PROVIDERS: 'openai,local' }).problems).toEqual([
      'OPENAI_API_KEY: is required by LLM_PROVIDERS=openai and not set',
    ]);
  });

  it('are all named at once, whatever is wrong with each', () => {
    const { problems } = refusal({ LLM_PROVIDERS: 'openai,ollama,llama-cpp,local', LLM_TIMEOUT_MS: '1' });
    expect(problems.map((problem) => problem.split(':')[0])).toEqual([
      'LLM_TIMEOUT_MS',
      'OPENAI_API_KEY',
      'OLLAMA_MODEL',
      'LLAMA_CPP_BASE_URL',
      'LLAMA_CPP_MODEL',
    ]);
  });
});

describe('LLM_PROVIDERS', () => {
  it('is kept in its order, each with its usual address and model', () => {
    const env = {
      LLM_PROVIDERS: 'openai, github-models,ollama,vllm,llama-cpp,pollinations,local',
      OPENAI_API_KEY: 'k1',
      GITHUB_MODELS_API_KEY: 'k2',
      OLLAMA_MODEL: 'llama3.2',
      VLLM_MODEL: 'qwen',
      LLAMA_CPP_BASE_URL: 'http://127.0.0.1:9000/v1',
      LLAMA_CPP_MODEL: 'gemma',
      POLLINATIONS_API_KEY: 'k3',
    };
    const chat = { protocol: 'chat-completions' };
    expect(providers('chat', env)).toEqual([
      { ...chat, provider: 'openai', baseUrl: 'https://api.openai.com/v1', model: 'gpt-4.1-mini', apiKey: 'k1' },
      {
        ...chat,
        provider: 'github-models',
        baseUrl: 'https://models.github.ai/inference',
        model: 'openai/gpt-4.1-mini',
        apiKey: 'k2',
      },
      { ...chat, provider: 'ollama', baseUrl: 'http://127.0.0.1:11434/v1', model: 'llama3.2' },
      { ...chat, provider: 'vllm', baseUrl: 'http://127.0.0.1:8000/v1', model: 'qwen' },
      { ...chat, provider: 'llama-cpp', baseUrl: 'http://127.0.0.1:9000/v1', model: 'gemma' },
      { ...chat, provider: 'pollinations', baseUrl: 'https://gen.pollinations.ai/v1', model: 'openai', apiKey: 'k3' },
      { protocol: 'local' },
    ]);
  });

  it('may name models, of one provider several', () => {
    const env = { LLM_PROVIDERS: 'openai/gpt-4.1,openai/gpt-4o-mini,github-models/meta/llama-4', OPENAI_API_KEY: 'k' };
    const listed = providers('chat', { ...env, GITHUB_MODELS_API_KEY: 'k', OPENAI_MODEL: 'o3' });
    expect(listed.map((of) => 'model' in of && `${of.provider}: ${of.model}`)).toEqual([
      'openai: gpt-4.1',
      'openai: gpt-4o-mini',
      'github-models: meta/llama-4',
    ]);
  });

  it('takes the general settings for openai-compatible, or else for the first that is not local', () => {
    const general = { LLM_MODEL: 'm', LLM_BASE_URL: 'http://127.0.0.1:1/v1', PROVIDER_API_KEY: 'k' };
    const both = providers('chat', {
      ...general,
      LLM_PROVIDERS: 'local,ollama,openai-compatible',
      OLLAMA_MODEL: 'own',
    });
    expect(both.slice(1)).toEqual([
      { protocol: 'chat-completions', provider: 'ollama', baseUrl: 'http://127.0.0.1:11434/v1', model: 'own' },
      {
        protocol: 'chat-completions',
        provider: 'openai-compatible',
        baseUrl: 'http://127.0.0.1:1/v1',
        model: 'm',
        apiKey: 'k',
      },
    ]);
    const [, first, second] = providers('chat', {
      ...general,
      LLM_PROVIDERS: 'local,openai,ollama',
      OLLAMA_MODEL: 'own',
    });
    expect(first).toMatchObject({ provider: 'openai', model: 'm', apiKey: 'k', baseUrl: 'http://127.0.0.1:1/v1' });
    expect(second).toEqual({
      protocol: 'chat-completions',
      provider: 'ollama',
      baseUrl: 'http://127.0.0.1:11434/v1',
      model: 'own',
    });
  });

  it('serves each service with those that can do its work', () => {
    const env = { LLM_PROVIDERS: 'stability,openai,pollinations,ollama,local', LLM_TIMEOUT_MS: '1000' };
    const keys = { OPENAI_API_KEY: 'k', STABILITY_API_KEY: 'k', POLLINATIONS_API_KEY: 'k', OLLAMA_MODEL: 'm' };
    const protocols = (purpose: Purpose) => providers(purpose, { ...env, ...keys }).map(({ protocol }) => protocol);
    expect(protocols('chat')).toEqual(['chat-completions', 'chat-completions', 'chat-completions', 'local']);
    expect(protocols('image')).toEqual(['stability-image', 'openai-images', 'pollinations-image', 'local']);
    expect(providers('image', { ...env, ...keys, IMAGE_PROVIDERS: 'local' })).toEqual([{ protocol: 'local' }]);
    expect(providers('image', { ...env, ...keys, OPENAI_IMAGE_MODEL: 'dall-e-3' })[1]).toMatchObject({
      model: 'dall-e-3',
    });
  });

  it.each([
    ['chat', { LLM_PROVIDERS: 'stability', STABILITY_API_KEY: 'k' }, 'LLM_PROVIDERS'],
    ['image', { LLM_PROVIDERS: 'ollama', OLLAMA_MODEL: 'm' }, 'IMAGE_PROVIDERS'],
  ] as const)('is refused for %s where nobody of it can do that', (purpose, env, name) => {
    expect(refusal(env, purpose).problems.join()).toContain(name);
  });

  it('puts a GGUF file into the place of the offline responder, and of nothing that draws', () => {
    const env = { LLM_PROVIDERS: 'local', LLM_LOCAL_MODEL: '/models/small.gguf' };
    expect(providers('chat', env)).toEqual([{ protocol: 'local', ggufPath: '/models/small.gguf' }]);
  });
});

describe('LLM_LOCAL_MODEL', () => {
  it('says what to install where the package is not there', async () => {
    const created = createChatModel(load({ LLM_LOCAL_MODEL: import.meta.filename }), parts);
    await expect(created).rejects.toThrow('npm install node-llama-cpp@3.22.1');
  });

  it('is refused, by its name alone, when there is no such file', async () => {
    const created = createChatModel(load({ LLM_LOCAL_MODEL: '/nowhere/small.gguf' }), parts);
    await expect(created).rejects.toThrow('LLM_LOCAL_MODEL names no file that can be read.');
  });
});

describe('providerName', () => {
  it.each([
    ['https://api.openai.com/v1', 'openai'],
    ['https://models.github.ai/inference', 'github-models'],
    ['http://127.0.0.1:11434/v1', 'openai-compatible'],
    ['https://api.openai.com.example.org/v1', 'openai-compatible'],
  ])('of %s is %s', (baseUrl, expected) => {
    expect(providerName(baseUrl)).toBe(expected);
  });
});
