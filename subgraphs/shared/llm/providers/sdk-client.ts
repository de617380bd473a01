import type { OpenAICompatibleProvider } from '@ai-sdk/openai-compatible';
import { createBoundedFetch } from './bounded-fetch.js';
import type { RemoteSettings } from './remote.js';

/** The name of OpenAI's newer servers for what all others call `max_tokens`; its reasoning models refuse the old one. */
const OPENAI = 'openai';

/**
 * The AI SDK's client for a server that speaks OpenAI's protocol. Its code is loaded here, so that a platform on `local` never
 * holds it.
 */
export async function openClient(
  { provider, baseUrl, apiKey, maxResponseBytes }: RemoteSettings,
  defaultMaxBytes: number,
): Promise<OpenAICompatibleProvider> {
  const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible');
  return createOpenAICompatible({
    name: provider,
    baseURL: baseUrl,
    includeUsage: true,
    fetch: createBoundedFetch({ maxBytes: maxResponseBytes ?? defaultMaxBytes }),
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(provider === OPENAI && {
      transformRequestBody: ({ max_tokens, ...body }) => ({ ...body, max_completion_tokens: max_tokens as unknown }),
    }),
  });
}
