import type { OpenAICompatibleProvider, OpenAICompatibleProviderSettings } from '@ai-sdk/openai-compatible';
import { createBoundedFetch, type BoundedRequest } from './bounded-fetch.js';
import type { RemoteSettings } from './remote.js';

export interface ClientOptions extends Pick<OpenAICompatibleProviderSettings, 'transformRequestBody'> {
  /** Largest answer that is read where the settings do not say. */
  readonly maxBytes: number;
  /** Hears of each HTTP request before it is made. */
  readonly onRequest?: (url: string) => void;
}

/**
 * The AI SDK's client for a server that speaks OpenAI's protocol. Its code is loaded here, so that a platform on `local` never
 * holds it.
 */
export async function openClient(
  { provider, baseUrl, apiKey, maxResponseBytes }: RemoteSettings,
  { maxBytes, onRequest, ...options }: ClientOptions,
): Promise<OpenAICompatibleProvider> {
  const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible');
  const boundedFetch = createBoundedFetch({ maxBytes: maxResponseBytes ?? maxBytes });
  return createOpenAICompatible({
    ...options,
    name: provider,
    baseURL: baseUrl,
    includeUsage: true,
    fetch: async (input, init) => {
      const url = input instanceof Request ? input.url : String(input);
      onRequest?.(url);
      return boundedFetch(url, init as BoundedRequest);
    },
    ...(apiKey === undefined ? {} : { apiKey }),
  });
}
