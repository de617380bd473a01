/** The ports through which the platform talks to language and image models, whoever serves them. */

export type ChatRole = 'system' | 'user' | 'assistant';

export interface ChatTurn {
  readonly role: ChatRole;
  readonly content: string;
}

export interface CallOptions {
  /** Aborts the provider call: the client left, or the deadline passed. */
  readonly signal: AbortSignal;
}

/** Tokens as the provider counted them; `estimated` when it gave none and we counted ourselves. */
export interface TokenUsage {
  readonly in: number;
  readonly out: number;
  readonly estimated: boolean;
}

/** What every answer says about its origin. `provider` and `model` name who really answered. */
export interface Provenance {
  readonly provider: string;
  readonly model: string;
  readonly tokens: TokenUsage;
  /** US dollars, `null` when the price of the model is unknown. */
  readonly costUsd: number | null;
}

export interface Completion extends Provenance {
  readonly text: string;
  /** `stop`, `length`, `content-filter`, `other`. */
  readonly finishReason: string;
}

export interface ChatRequest {
  /** The whole conversation, oldest first; the last turn is the one to answer. */
  readonly turns: readonly ChatTurn[];
  /** The model the client asked for; the provider's default when absent. */
  readonly model?: string;
  /** Upper bound of the answer's length, in tokens. */
  readonly maxOutputTokens?: number;
}

/** Throws `AppError` UPSTREAM_ERROR, UPSTREAM_TIMEOUT or RATE_LIMITED; nothing of the provider's internals is in them. */
export interface ChatModel {
  readonly provider: string;
  readonly defaultModel: string;
  chat(request: ChatRequest, options: CallOptions): Promise<Completion>;
}

export type SummaryLength = 'short' | 'med' | 'long';

export interface SummaryRequest {
  readonly text: string;
  readonly length: SummaryLength;
  /** `bullet` asks for one sentence or point per line, each starting with `- `. */
  readonly style?: string;
}

/** Same errors as {@link ChatModel}. */
export interface SummaryModel {
  readonly provider: string;
  readonly defaultModel: string;
  summarize(request: SummaryRequest, options: CallOptions): Promise<Completion>;
}

export interface ImageRequest {
  readonly prompt: string;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Same prompt, size, style and seed give the same picture where the provider honours seeds. 32-bit unsigned. */
  readonly seed: number;
  readonly style?: string;
}

export interface GeneratedImage extends Provenance {
  /** Encoded picture; `contentType` says how. */
  readonly bytes: Uint8Array;
  readonly contentType: string;
}

/** Same errors as {@link ChatModel}. */
export interface ImageModel {
  readonly provider: string;
  readonly defaultModel: string;
  generateImage(request: ImageRequest, options: CallOptions): Promise<GeneratedImage>;
}
