/** The ports through which the platform talks to language and image models, whoever serves them. */

import type { Addressee, Attempt } from './attempt.js';

export type ChatRole = 'system' | 'user' | 'assistant';

export interface ChatTurn {
  readonly role: ChatRole;
  readonly content: string;
}

export interface CallOptions {
  /** Aborts the provider call: the client left, or the deadline passed. */
  readonly signal: AbortSignal;
  /** When `signal` will abort, on the clock of `performance.now()`; LLM_TIMEOUT_MS from the call's start where it is not given. */
  readonly deadlineAt?: number;
  /**
   * Hears an answer piece by piece, in order, each before the next is asked for; together they are the completion's text.
   * Where it is given and a piece was heard, nobody else is asked when the rest fails. What it throws ends the call, and is what
   * a routed model throws.
   */
  readonly onDelta?: (text: string) => Promise<void>;
  /** What the call is made for; log lines about it say so. */
  readonly origin?: CallOrigin;
}

/** A client's request, and the record that is made of it. */
export interface CallOrigin {
  readonly requestId: string;
  readonly recordId: string;
}

/** Tokens as the provider counted them; `estimated` when it gave none and we counted ourselves. */
export interface TokenUsage {
  readonly in: number;
  readonly out: number;
  readonly estimated: boolean;
  /** How many of `in` the provider read from its cache, where it says so. */
  readonly cachedIn?: number;
}

/** What calls took. */
export interface Spending {
  readonly tokens: TokenUsage;
  /** US dollars, `null` when the price of the model is unknown, or how much of it was used. */
  readonly costUsd: number | null;
}

/** What every answer says about its origin. `provider` and `model` name who really answered; calls that failed before count in what it took. */
export interface Provenance extends Spending {
  readonly provider: string;
  readonly model: string;
  /** What was tried until somebody answered, that answer last. Absent where nothing stands between the service and one provider. */
  readonly attempts?: readonly Attempt[];
}

export interface Completion extends Provenance {
  readonly text: string;
  /** `stop`, `length`, `content-filter`, `other`. */
  readonly finishReason: string;
  /** The prompt of ours that the answerer worked by, where it did. */
  readonly promptVersion?: string;
}

export interface ChatRequest {
  /** The whole conversation, oldest first; the last turn is the one to answer. */
  readonly turns: readonly ChatTurn[];
  /** The model the client asked for, as `provider/model` or as a model of the first provider; the default one when absent. */
  readonly model?: string;
  /** Upper bound of the answer's length, in tokens. */
  readonly maxOutputTokens?: number;
}

/** Who answers, whatever is asked. */
export interface Answerer {
  readonly provider: string;
  readonly defaultModel: string;
  /** Whether nobody else is asked where it fails. Not so where it is not said. */
  readonly isAlone?: boolean;
  /** Answers at once, and needs hardly any of a call's time. */
  readonly isInstant?: boolean;
}

/**
 * Throws a `ProviderError` with code UPSTREAM_ERROR, UPSTREAM_TIMEOUT, RATE_LIMITED or CLIENT_CLOSED_REQUEST; nothing of the
 * provider's internals is in what clients see of it.
 */
export interface ChatModel extends Answerer {
  chat(request: ChatRequest, options: CallOptions): Promise<Completion>;
}

/** Chat by one of several providers. Also throws PAYLOAD_TOO_LARGE for more text than may be sent to any. */
export interface RoutedChatModel extends ChatModel {
  /** Most characters that a request may hold. */
  readonly maxInputChars: number;
  /** Who is asked first when a request names `model`. */
  addresseeOf(model?: string): Addressee;
}

export type SummaryLength = 'short' | 'med' | 'long';

export interface SummaryRequest {
  readonly text: string;
  readonly length: SummaryLength;
  /** `bullet` asks for one sentence or point per line, each starting with `- `. */
  readonly style?: string;
}

/** Same errors as {@link ChatModel}. */
export interface SummaryModel extends Answerer {
  summarize(request: SummaryRequest, options: CallOptions): Promise<Completion>;
}

export interface ImageRequest {
  readonly prompt: string;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Same prompt, size, style and seed give the same picture where the provider honours seeds. 32-bit unsigned. */
  readonly seed: number;
  /** A preset of `image/image-styles.ts`, or words of the client's own. */
  readonly style?: string;
}

export interface GeneratedImage extends Provenance {
  /** Encoded picture; `contentType` says how. */
  readonly bytes: Uint8Array;
  readonly contentType: string;
  /** What the provider made, in pixels, where that is not the size asked for and the picture was cut to it. */
  readonly made?: { readonly width: number; readonly height: number };
}

/** Same errors as {@link ChatModel}. */
export interface ImageModel extends Answerer {
  generateImage(request: ImageRequest, options: CallOptions): Promise<GeneratedImage>;
}
