import { z } from 'zod';
import { httpUrl, integer } from '#shared/config/env-fields.js';
import type { ChatModel, ImageModel } from './llm.port.js';
import type { OpenAiCompatibleSettings } from './openai-compatible.settings.js';

/** What the env templates carry until an operator puts a key there. */
const TEMPLATE_KEY = 'change-me';

/** Settings of a service that calls a model; to be spread into its schema. */
export const llmEnv = {
  LLM_PROVIDER: z.enum(['local', 'openai-compatible']).default('local'),
  /** Where `/chat/completions` and `/images/generations` are, e.g. `https://api.openai.com/v1` or `http://127.0.0.1:11434/v1`. */
  LLM_BASE_URL: httpUrl.optional(),
  LLM_MODEL: z.string().optional(),
  PROVIDER_API_KEY: z
    .string()
    .optional()
    .transform((key) => (key === TEMPLATE_KEY ? undefined : key)),
  /** How long a provider may take in all, retries included. The services make the deadline of each call from it. */
  LLM_TIMEOUT_MS: integer(100, 600_000).default(60_000),
  LLM_MAX_RETRIES: integer(0, 10).default(2),
};

export type LlmConfig = z.output<z.ZodObject<typeof llmEnv>>;

/** The chat model that the settings name. Loads only its provider's code. Throws an Error that names a missing setting. */
export async function createChatModel(config: LlmConfig): Promise<ChatModel> {
  if (config.LLM_PROVIDER === 'local') {
    const { LocalChatModel } = await import('./local/local-chat.provider.js');
    return new LocalChatModel({ now: () => new Date() });
  }
  const { OpenAiCompatibleChatModel } = await import('./openai-compatible-chat.provider.js');
  return new OpenAiCompatibleChatModel(remoteSettings(config));
}

/** The image model that the settings name, by the same rules as {@link createChatModel}. */
export async function createImageModel(config: LlmConfig): Promise<ImageModel> {
  if (config.LLM_PROVIDER === 'local') {
    const { LocalImageModel } = await import('./local/local-image.provider.js');
    return new LocalImageModel();
  }
  const { OpenAiCompatibleImageModel } = await import('./openai-compatible-image.provider.js');
  return new OpenAiCompatibleImageModel(remoteSettings(config));
}

function remoteSettings(config: LlmConfig): OpenAiCompatibleSettings {
  const { LLM_BASE_URL: baseUrl, LLM_MODEL: model, PROVIDER_API_KEY: apiKey, LLM_MAX_RETRIES: maxRetries } = config;
  if (baseUrl === undefined) throw missing('LLM_BASE_URL');
  if (model === undefined) throw missing('LLM_MODEL');
  return { baseUrl, model, maxRetries, ...(apiKey === undefined ? {} : { apiKey }) };
}

function missing(name: string): Error {
  return new Error(`${name} is required when LLM_PROVIDER is openai-compatible, and it is not set.`);
}
