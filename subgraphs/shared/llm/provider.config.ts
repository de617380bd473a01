import { z } from 'zod';
import { httpUrl, integer, llmTimeoutMs } from '#shared/config/env-fields.js';
import { envPrefix, PROVIDER_NAMES, WITH_OWN_SETTINGS, type ProviderName } from './provider.presets.js';

/** What the env templates carry until an operator puts a key there. */
const TEMPLATE_KEY = 'change-me';

const key = z
  .string()
  .optional()
  .transform((value) => (value === TEMPLATE_KEY ? undefined : value));
const modelName = z.string().max(200).optional();

/** One place of an ordered list: a provider, and its model where it is not the one of its settings. */
export interface Listed {
  readonly name: ProviderName;
  readonly model?: string;
}

const LIST_RULE = `must be names of providers, in order, separated by commas, each of which may be followed by /model: ${PROVIDER_NAMES.join(', ')}`;

/** `openai/gpt-4.1,ollama,local` */
const providerList = z.string().transform((text, context): readonly Listed[] => {
  const places = text.split(',').map((place) => place.trim());
  const listed = places.map((place): Listed | undefined => {
    const [, name, model] = /^([a-z-]+)(?:\/(\S{1,200}))?$/.exec(place) ?? [];
    const known = PROVIDER_NAMES.find((candidate) => candidate === name);
    return known && { name: known, ...(model !== undefined && { model }) };
  });
  const isWhole = listed.every((place) => place !== undefined);
  if (isWhole && new Set(places).size === places.length) return listed;
  context.addIssue({ code: 'custom', message: isWhole ? 'must name no provider and model twice' : LIST_RULE });
  return z.NEVER;
});

/** `OPENAI_API_KEY`, `OPENAI_BASE_URL`, `OPENAI_MODEL`, `OPENAI_IMAGE_MODEL`, and so on for each provider. */
const ownEnv = Object.fromEntries(
  WITH_OWN_SETTINGS.map(envPrefix).flatMap((prefix) => [
    [`${prefix}_API_KEY`, key],
    [`${prefix}_BASE_URL`, httpUrl.optional()],
    [`${prefix}_MODEL`, modelName],
    [`${prefix}_IMAGE_MODEL`, modelName],
  ]),
) as Readonly<Record<`${string}_${'API_KEY' | 'BASE_URL' | 'MODEL' | 'IMAGE_MODEL'}`, typeof modelName>>;

/** Settings of a service that calls a model; to be spread into its schema, whose `llmRules` then check them against each other. */
export const llmEnv = {
  ...ownEnv,
  /** Who is asked, in this order, until one answers. Each service takes those that can do its work. */
  LLM_PROVIDERS: providerList.optional(),
  /** The same for images alone, where it differs. */
  IMAGE_PROVIDERS: providerList.optional(),
  /** One provider, where `LLM_PROVIDERS` is not set. */
  LLM_PROVIDER: z.enum(PROVIDER_NAMES, `must be one of ${PROVIDER_NAMES.join(', ')}`).default('local'),
  /** The next four are of `openai-compatible`; where that is not listed, of the first provider that is not `local`. */
  LLM_BASE_URL: httpUrl.optional(),
  LLM_MODEL: modelName,
  LLM_IMAGE_MODEL: modelName,
  PROVIDER_API_KEY: key,
  /** A GGUF file on which `local` chats and summarizes, in process. */
  LLM_LOCAL_MODEL: z.string().optional(),
  /** Prices of an operator's own, in JSON; see `prices/price-file.ts`. */
  LLM_PRICES_FILE: z.string().optional(),
  LLM_TIMEOUT_MS: llmTimeoutMs,
  /** How often each provider is asked again after a failure that may pass. */
  LLM_MAX_RETRIES: integer(0, 10).default(2),
  /** Most characters that are sent, the whole conversation counted. */
  LLM_MAX_INPUT_CHARS: integer(1_000, 10_000_000).default(400_000),
  /** Most tokens that are asked for. */
  LLM_MAX_OUTPUT_TOKENS: integer(16, 1_000_000).default(4_000),
};

export type LlmConfig = z.output<z.ZodObject<typeof llmEnv>>;
