import { startSystem, type System } from '../support/system.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { startStreamingProvider, type StreamingProvider } from './streaming-provider.js';

/** What the terminal client chats with, and a folder for what it keeps. */
export interface TerminalPlatform {
  readonly provider: StreamingProvider;
  readonly system: System;
  /** The path of the folder. */
  readonly folder: string;
  stop(): Promise<void>;
}

export async function startTerminalPlatform(): Promise<TerminalPlatform> {
  const provider = await startStreamingProvider();
  const folder = await temporaryFolder('terminal');
  const release = async (): Promise<void> => {
    provider.close();
    await folder.remove();
  };
  try {
    const system = await startSystem({
      LLM_PROVIDER: 'openai-compatible',
      LLM_BASE_URL: provider.double.baseUrl,
      LLM_MODEL: 'double-1',
      STREAM_LINGER: '5m',
      // Less than a client wants to have left, so that each use of a token renews it first.
      ACCESS_TTL: '20s',
    });
    return {
      provider,
      system,
      folder: folder.path,
      async stop() {
        await system.stop();
        await release();
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}
