import { restClient, signUp, type Account, type RestClient } from '../support/rest-client.js';
import { startSystem, type System } from '../system/system.js';
import { startNumberedProvider, type NumberedProvider } from './numbered-provider.js';

/** The platform before a provider that answers with numbered tokens, and one who asks. */
export interface ChatSystem {
  readonly system: System;
  readonly provider: NumberedProvider;
  readonly send: RestClient;
  readonly ana: Account;
  stop(): Promise<void>;
}

export async function startChatSystem(env: Record<string, string> = {}): Promise<ChatSystem> {
  const provider = await startNumberedProvider();
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
