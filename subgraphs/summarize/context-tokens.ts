import { providersFor, type ProviderSettings } from '#shared/llm/provider.settings.js';
import type { LlmConfig } from '#shared/llm/provider.config.js';

/** What most models have, and the free tiers of large ones allow. */
const USUAL = 8_192;
/** What Ollama gives each model by default, whatever that could read. It cuts the beginning off what is longer, and says nothing. */
const OLLAMA = 4_096;
const OLLAMA_PORT = '11434';

/** Tokens that every model of the settings reads and writes at once: LLM_CONTEXT_TOKENS, or what is usual for them. Throws a ConfigError. */
export function contextTokensOf(config: LlmConfig & { readonly LLM_CONTEXT_TOKENS?: number | undefined }): number {
  return config.LLM_CONTEXT_TOKENS ?? (providersFor('chat', config).some(isOllama) ? OLLAMA : USUAL);
}

function isOllama(settings: ProviderSettings): boolean {
  if (settings.protocol === 'local') return false;
  return settings.provider === 'ollama' || new URL(settings.baseUrl).port === OLLAMA_PORT;
}
