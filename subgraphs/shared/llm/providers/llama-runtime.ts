/** What we use of `node-llama-cpp` 3, which is installed only where somebody wants it. https://node-llama-cpp.withcat.ai */

export interface LlamaModule {
  getLlama(options: { readonly build: 'never'; readonly logLevel: 'error' }): Promise<Llama>;
  readonly LlamaChatSession: new (options: { readonly contextSequence: LlamaSequence }) => LlamaSession;
}

export interface Llama {
  loadModel(options: { readonly modelPath: string }): Promise<LlamaModel>;
  dispose(): Promise<void>;
}

export interface LlamaModel {
  createContext(options: { readonly contextSize: { readonly max: number } }): Promise<LlamaContext>;
}

export interface LlamaContext {
  getSequence(): LlamaSequence;
}

export interface LlamaSequence {
  readonly tokenMeter: { getState(): LlamaTokens };
  clearHistory(): Promise<void>;
}

export interface LlamaTokens {
  readonly usedInputTokens: number;
  readonly usedOutputTokens: number;
}

export type LlamaTurn =
  { readonly type: 'system' | 'user'; readonly text: string } | { readonly type: 'model'; readonly response: string[] };

export interface LlamaSession {
  setChatHistory(history: LlamaTurn[]): void;
  /** Rejects with the signal's reason when it aborts. */
  promptWithMeta(
    prompt: string,
    options: { readonly signal: AbortSignal; readonly maxTokens?: number; readonly temperature: number },
  ): Promise<{ readonly responseText: string; readonly stopReason: string }>;
  dispose(): void;
}

/** As a variable, so that nothing looks for the package before it is wanted. */
const PACKAGE: string = 'node-llama-cpp';
const INSTALL = 'npm install node-llama-cpp@3.22.1';

/** Throws an Error that says how to install it where it is not. */
export async function loadLlama(): Promise<LlamaModule> {
  try {
    return (await import(PACKAGE)) as LlamaModule;
  } catch (cause) {
    throw new Error(`LLM_LOCAL_MODEL needs the package node-llama-cpp, which is not installed: ${INSTALL}`, { cause });
  }
}
