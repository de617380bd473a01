import type { OpenAICompatibleProvider } from '@ai-sdk/openai-compatible';
import { createBoundedFetch } from './bounded-fetch.js';
import type { RemoteSettings } from './remote.js';

/** The name of OpenAI's newer servers for what all others call `max_tokens`; its reasoning models refuse the old one. */
const OPENAI = 'openai';

/**
 * The AI SDK's client for a server that speaks OpenAI's protocol. Its code is loaded here, so that a platform on `local` never
 * holds it. `onRequest` hears of each HTTP request before it is made.
 */
export async function openClient(
  { provider, baseUrl, apiKey, maxResponseBytes }: RemoteSettings,
  defaultMaxBytes: number,
  onRequest: (url: string) => void = () => undefined,
): Promise<OpenAICompatibleProvider> {
  const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible');
  const boundedFetch = createBoundedFetch({ maxBytes: maxResponseBytes ?? defaultMaxBytes });
  return createOpenAICompatible({
    name: provider,
    baseURL: baseUrl,
    includeUsage: true,
    fetch: async (input, init) => {
      onRequest(input instanceof Request ? input.url : String(input));
      return boundedFetch(input, init);
    },
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(provider === OPENAI && {
      transformRequestBody: ({ max_tokens, ...body }) => ({ ...body, max_completion_tokens: max_tokens as unknown }),
    }),
  });
}
