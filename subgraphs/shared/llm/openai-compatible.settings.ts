import type { OpenAICompatibleProvider } from '@ai-sdk/openai-compatible';
import { createBoundedFetch } from './bounded-fetch.js';
import { providerName } from './provider-name.js';

export interface OpenAiCompatibleSettings {
  /** Up to and without the slash before `chat/completions`. */
  readonly baseUrl: string;
  /** The model asked when a request names none. */
  readonly model: string;
  /** Sent as a Bearer token; many servers on one's own machine need none. */
  readonly apiKey?: string;
  /** Further tries after a 408, 409, 429, 5xx or a lost connection. A `Retry-After` of up to a minute is kept. */
  readonly maxRetries: number;
  /** Largest answer that is read; by default 4 MiB of text, 64 MiB of image. */
  readonly maxResponseBytes?: number;
}

/** The AI SDK's client for the server. Its code is loaded here, so that a platform on `local` never holds it. */
export async function openClient(
  { baseUrl, apiKey, maxResponseBytes }: OpenAiCompatibleSettings,
  defaultMaxBytes: number,
): Promise<OpenAICompatibleProvider> {
  const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible');
  return createOpenAICompatible({
    name: providerName(baseUrl),
    baseURL: baseUrl,
    includeUsage: true,
    fetch: createBoundedFetch({ maxBytes: maxResponseBytes ?? defaultMaxBytes }),
    ...(apiKey === undefined ? {} : { apiKey }),
  });
}
