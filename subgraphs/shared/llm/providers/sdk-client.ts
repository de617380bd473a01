import type { OpenAICompatibleProvider, OpenAICompatibleProviderSettings } from '@ai-sdk/openai-compatible';
import { PUBLIC_WEB, type Network } from '#shared/safe-fetch/network.js';
import { createBoundedFetch, type BoundedRequest } from './bounded-fetch.js';
import type { RemoteSettings } from './remote.js';

export interface ClientOptions extends Pick<OpenAICompatibleProviderSettings, 'transformRequestBody'> {
  /** Largest answer that is read where the settings do not say. */
  readonly maxBytes: number;
  /** Over which URLs are fetched that the provider's answers name, where they lead to another origin than the provider's. */
  readonly network?: Network;
  /** Hears of each HTTP request before it is made. */
  readonly onRequest?: (url: string) => void;
}

/**
 * The AI SDK's client for a server that speaks OpenAI's protocol. Its code is loaded here, so that a platform on `local` never
 * holds it.
 */
export async function openClient(
  { provider, baseUrl, apiKey, maxResponseBytes }: RemoteSettings,
  { maxBytes: most, network = PUBLIC_WEB, onRequest, ...options }: ClientOptions,
): Promise<OpenAICompatibleProvider> {
  const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible');
  const maxBytes = maxResponseBytes ?? most;
  const fetchOwn = createBoundedFetch({ maxBytes });
  const fetchForeign = createBoundedFetch({ maxBytes, network });
  const { origin } = new URL(baseUrl);
  return createOpenAICompatible({
    ...options,
    name: provider,
    baseURL: baseUrl,
    includeUsage: true,
    fetch: async (input, init) => {
      const url = input instanceof Request ? input.url : String(input);
      onRequest?.(url);
      const fetchIt = new URL(url).origin === origin ? fetchOwn : fetchForeign;
      return fetchIt(url, init as BoundedRequest);
    },
    ...(apiKey === undefined ? {} : { apiKey }),
  });
}
