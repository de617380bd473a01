import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { ConfigError, loadConfig } from '#shared/config/load-config.js';
import { createChatModel, createImageModel, llmEnv } from './provider.config.js';
import { providerName } from './provider-name.js';

const load = (env: Record<string, string>) => loadConfig(z.object(llmEnv), env);
const REMOTE = {
  LLM_PROVIDER: 'openai-compatible',
  LLM_BASE_URL: 'https://api.openai.com/v1/',
  LLM_MODEL: 'gpt-4o-mini',
};

describe('the settings of a provider', () => {
  it('are of the local one where nothing is set', async () => {
    const config = load({});
    expect(config).toMatchObject({ LLM_PROVIDER: 'local', LLM_TIMEOUT_MS: 60_000, LLM_MAX_RETRIES: 2 });
    const models = [await createChatModel(config), await createImageModel(config)];
    expect(models.map(({ provider, defaultModel }) => `${provider}/${defaultModel}`)).toEqual([
      'local/offline-responder',
      'local/procedural-painter',
    ]);
  });

  it('name an OpenAI-compatible one and its model', async () => {
    const config = load({ ...REMOTE, PROVIDER_API_KEY: 'key-1' });
    expect(config).toMatchObject({ LLM_BASE_URL: 'https://api.openai.com/v1', PROVIDER_API_KEY: 'key-1' });
    for (const model of [await createChatModel(config), await createImageModel(config)]) {
      expect(model).toMatchObject({ provider: 'openai', defaultModel: 'gpt-4o-mini' });
    }
  });

  it('take the key of the templates for none', () => {
    expect(load({ ...REMOTE, PROVIDER_API_KEY: 'change-me' }).PROVIDER_API_KEY).toBeUndefined();
  });

  it.each(['LLM_BASE_URL', 'LLM_MODEL'])('are refused without %s, by its name', async (name) => {
    const config = load({ ...REMOTE, [name]: '' });
    for (const create of [createChatModel, createImageModel]) await expect(create(config)).rejects.toThrow(name);
  });

  it.each([
    ['LLM_PROVIDER', 'magic'],
    ['LLM_BASE_URL', 'ftp://example.com'],
    ['LLM_TIMEOUT_MS', '99'],
    ['LLM_MAX_RETRIES', '11'],
  ])('are refused for a wrong %s, without its value', (name, value) => {
    const refused = (): unknown => load({ ...REMOTE, [name]: value });
    expect(refused).toThrow(ConfigError);
    expect(refused).toThrow(name);
    expect(refused).not.toThrow(value);
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
