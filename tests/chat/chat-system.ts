import { restClient, signUp, type Account, type RestClient } from '../support/rest-client.js';
import { startSystem, type System } from '../support/system.js';
import { startNumberedProvider, type NumberedProvider } from './numbered-provider.js';
import { startStreamingProvider, type StreamingProvider } from './streaming-provider.js';

/** The platform before a provider, and one who asks. */
export interface ChatSystem<Provider = NumberedProvider> {
  readonly system: System;
  readonly provider: Provider;
  readonly send: RestClient;
  readonly ana: Account;
  stop(): Promise<void>;
}

/** Before a provider that answers with numbered tokens. */
export async function startChatSystem(env: Record<string, string> = {}): Promise<ChatSystem> {
  return systemBefore(await startNumberedProvider(), env);
}

/** Before a provider whose answers the test says piece by piece; streams are kept for as long as the test runs. */
export async function startStreamingSystem(env: Record<string, string> = {}): Promise<ChatSystem<StreamingProvider>> {
  return systemBefore(await startStreamingProvider(), { STREAM_LINGER: '5m', ...env });
}

async function systemBefore<Provider extends NumberedProvider | StreamingProvider>(
  provider: Provider,
  env: Record<string, string>,
): Promise<ChatSystem<Provider>> {
  try {
    const system = await startSystem({
      LLM_PROVIDER: 'openai-compatible',
      LLM_BASE_URL: provider.double.baseUrl,
      LLM_MODEL: 'double-1',
      ...env,
    });
    const send = restClient(system.url);
    const ana = await signUp(send, 'ana@example.com');
    return {
      system,
      provider,
      send,
      ana,
      async stop() {
        await system.stop();
        provider.close();
      },
    };
  } catch (error) {
    provider.close();
    throw error;
  }
}
