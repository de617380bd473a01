import type { Logger } from '#shared/logging/logger.js';
import { SYSTEM_CLOCK } from './fallback/clock.js';
import { Fallback } from './fallback/fallback.js';
import type { ChatModel, ImageModel, RoutedChatModel, SummaryModel } from './llm.port.js';
import { Prices } from './prices/prices.js';
import type { LlmConfig } from './provider.config.js';
import { providersFor, type ProviderSettings } from './provider.settings.js';

export interface ModelParts {
  readonly log: Pick<Logger, 'warn'>;
  /** Called with what releases a model that holds memory of its own. */
  defer(name: string, release: () => unknown): void;
}

/** Chat by the providers that the settings name. Loads only their code. Throws a ConfigError that names what is missing or wrong. */
export async function createChatModel(config: LlmConfig, parts: ModelParts): Promise<RoutedChatModel> {
  const { FallbackChatModel } = await import('./fallback/fallback-chat.js');
  const limits = { maxInputChars: config.LLM_MAX_INPUT_CHARS, maxOutputTokens: config.LLM_MAX_OUTPUT_TOKENS };
  return new FallbackChatModel(await eachFor('chat', config, parts, chatModel), fallbackOf(config, parts), limits);
}

/** Summaries by those providers: the offline one's own, and of each chat model what `prompted` makes of it. Throws as {@link createChatModel}. */
export async function createSummaryModels(
  config: LlmConfig,
  parts: ModelParts,
  prompted: (model: ChatModel) => SummaryModel,
): Promise<SummaryModel> {
  const { FallbackSummaryModel } = await import('./fallback/fallback-summary.js');
  const models = await eachFor('chat', config, parts, async (settings, tools): Promise<SummaryModel> => {
    if (settings.protocol !== 'local' || settings.ggufPath !== undefined)
      return prompted(await chatModel(settings, tools));
    const { LocalSummaryModel } = await import('./local/local-summary.provider.js');
    return new LocalSummaryModel();
  });
  return new FallbackSummaryModel(models, fallbackOf(config, parts));
}

/** Images by the providers that the settings name. Throws as {@link createChatModel}. */
export async function createImageModel(config: LlmConfig, parts: ModelParts): Promise<ImageModel> {
  const { FallbackImageModel } = await import('./fallback/fallback-image.js');
  return new FallbackImageModel(await eachFor('image', config, parts, imageModel), fallbackOf(config, parts));
}

interface Tools extends ModelParts {
  readonly prices: Prices;
}

async function eachFor<Model>(
  purpose: 'chat' | 'image',
  config: LlmConfig,
  parts: ModelParts,
  create: (settings: ProviderSettings, tools: Tools) => Promise<Model>,
): Promise<readonly [Model, ...Model[]]> {
  const [first, ...rest] = providersFor(purpose, config);
  const tools = { ...parts, prices: await Prices.open(config.LLM_PRICES_FILE) };
  return [await create(first, tools), ...(await Promise.all(rest.map((settings) => create(settings, tools))))];
}

async function chatModel(settings: ProviderSettings, { prices, defer }: Tools): Promise<ChatModel> {
  if (settings.protocol !== 'local') {
    const { ChatCompletionsModel } = await import('./providers/chat-completions.provider.js');
    return new ChatCompletionsModel({ ...settings, prices });
  }
  if (settings.ggufPath !== undefined) {
    const { GgufChatModel } = await import('./providers/gguf-chat.provider.js');
    const { model, release } = await GgufChatModel.open(settings.ggufPath);
    defer('gguf', release);
    return model;
  }
  const { LocalChatModel } = await import('./local/local-chat.provider.js');
  return new LocalChatModel({ now: () => new Date() });
}

async function imageModel(settings: ProviderSettings, { prices }: Tools): Promise<ImageModel> {
  if (settings.protocol === 'local') {
    const { LocalImageModel } = await import('./local/local-image.provider.js');
    return new LocalImageModel();
  }
  const { PngImageModel } = await import('./image/png-image.js');
  return new PngImageModel(await remoteImageModel({ ...settings, prices }));
}

type RemoteImages = Exclude<ProviderSettings, { protocol: 'local' }> & { readonly prices: Prices };

async function remoteImageModel(settings: RemoteImages): Promise<ImageModel> {
  if (settings.protocol === 'pollinations-image') {
    const { PollinationsImageModel } = await import('./providers/pollinations-image.provider.js');
    return new PollinationsImageModel(settings);
  }
  if (settings.protocol === 'stability-image') {
    const { StabilityImageModel } = await import('./providers/stability-image.provider.js');
    return new StabilityImageModel(settings);
  }
  const { OpenAiImageModel } = await import('./providers/openai-images.provider.js');
  return new OpenAiImageModel(settings);
}

function fallbackOf(config: LlmConfig, { log }: ModelParts): Fallback {
  const { LLM_TIMEOUT_MS: timeoutMs, LLM_MAX_RETRIES: maxRetries } = config;
  return new Fallback({ clock: SYSTEM_CLOCK, log, timeoutMs, maxRetries });
}
