import { sideBySide } from '#shared/concurrency/side-by-side.js';
import type { Attempt } from '#shared/llm/attempt.js';
import type { CallOptions, Completion, Spending, SummaryModel, SummaryRequest } from '#shared/llm/llm.port.js';
import { ProviderError } from '#shared/llm/provider-error.js';
import { totalSpending } from '#shared/llm/spending.js';
import { splitText } from './split-text.js';
import { thirdsOf } from './token-budget.js';

export interface ChunkFigures {
  /** Pieces that the text was cut into. */
  readonly count: number;
  /** How often summaries were summarized before they fitted into one call, that call included. */
  readonly levels: number;
  /** To the model, in all, that went well. */
  readonly calls: number;
}

/** How far a long summary has come. */
interface Progress {
  /** In the order of their coming. */
  readonly done: Completion[];
  /** By calls that failed, those included that were aborted with another. */
  readonly lost: Spending[];
  level: number;
}

export interface ChunkedCompletion extends Completion {
  /** Present where the text was too long for one call. */
  readonly chunks?: ChunkFigures;
}

/** A model as the service works with it. */
export interface LongTextModel extends SummaryModel {
  /** Most characters of a text that it may be given; any number where it is not said. */
  readonly maxInputChars?: number;
  summarize(request: SummaryRequest, options: CallOptions): Promise<ChunkedCompletion>;
}

export interface ChunkLimits {
  /** Of a whole text. */
  readonly maxInputChars: number;
  /** What one call's text may need. */
  readonly inputTokens: number;
  /** Calls at a time. */
  readonly width: number;
}

/** A model whose summaries of summaries are no shorter than this share of these would never come to an end. */
const SHRINKS_TO = 0.8;
/** For up to so many pieces, long summaries of each make a good one of all; for more, they would only cost. */
const FEW_PIECES = 6;

/**
 * Summaries of texts of any length by a model that reads so much at a time: the pieces are summarized, then the summaries of
 * them, until these fit into one call, which is the one with the style and length asked for. All calls share one deadline;
 * what they took and cost is added up, also when one of them fails for good, and `attempts` are those of all of them.
 */
export class ChunkedSummaryModel implements LongTextModel {
  constructor(
    private readonly model: SummaryModel,
    private readonly limits: ChunkLimits,
  ) {}

  get provider(): string {
    return this.model.provider;
  }

  get defaultModel(): string {
    return this.model.defaultModel;
  }

  get isAlone(): boolean {
    return this.model.isAlone === true;
  }

  get maxInputChars(): number {
    return this.limits.maxInputChars;
  }

  async summarize(request: SummaryRequest, options: CallOptions): Promise<ChunkedCompletion> {
    const { inputTokens } = this.limits;
    const pieces = await splitText(request.text, inputTokens, options.signal);
    if (pieces.length === 1) return this.model.summarize(request, options);
    const progress: Progress = { done: [], lost: [], level: 1 };
    try {
      return await this.#inPieces(pieces, request, { options, progress });
    } catch (error) {
      if (error instanceof ProviderError) addTo(error, pieces.length, progress);
      throw error;
    }
  }

  async #inPieces(
    pieces: readonly string[],
    request: SummaryRequest,
    { options, progress }: { options: CallOptions; progress: Progress },
  ): Promise<ChunkedCompletion> {
    const { inputTokens } = this.limits;
    const ask = async (one: SummaryRequest, terms: CallOptions): Promise<Completion> => {
      try {
        const completion = await this.model.summarize(one, terms);
        progress.done.push(completion);
        return completion;
      } catch (error) {
        if (error instanceof ProviderError && error.spent) progress.lost.push(error.spent);
        throw error;
      }
    };
    for (let texts = pieces; texts.length > 1; progress.level += 1) {
      const summaries = await this.#each(texts, options, ask);
      const text = summaries.map((summary) => summary.text).join('\n\n');
      if (thirdsOf(text) > thirdsOf(texts.join('')) * SHRINKS_TO) throw doesNotShorten();
      texts = await splitText(text, inputTokens, options.signal);
      if (texts.length === 1) await ask({ ...request, text }, options);
    }
    return { ...sumOf(progress.done), chunks: figuresOf(pieces.length, progress) };
  }

  #each(texts: readonly string[], options: CallOptions, ask: SummaryModel['summarize']): Promise<Completion[]> {
    const length = texts.length > FEW_PIECES ? 'med' : 'long';
    // A piece of white space or rules alone says nothing.
    const telling = texts.filter((text) => /[\p{L}\p{N}]/u.test(text));
    const { width } = this.limits;
    return sideBySide(
      telling.length > 0 ? telling : texts.slice(0, 1),
      width,
      (text, signal) => ask({ text, length }, { ...options, signal }),
      options.signal,
    );
  }
}

/** The last completion, with the figures of all. One that did not end well is how the whole ended. */
function sumOf(all: readonly Completion[]): Completion {
  const last = all.at(-1);
  if (!last) throw new Error('a summary of nothing');
  const attempts = attemptsIn(all);
  return {
    ...last,
    finishReason: all.findLast(({ finishReason }) => finishReason !== 'stop')?.finishReason ?? 'stop',
    ...totalSpending(all),
    ...(attempts.length > 0 && { attempts }),
  };
}

/** What was done in vain stands in the failure. */
function addTo(failure: ProviderError, count: number, progress: Progress): void {
  failure.spent = totalSpending([...progress.done, ...progress.lost]);
  failure.attempts = [...attemptsIn(progress.done), ...failure.attempts];
  failure.progress = { chunks: figuresOf(count, progress) };
}

function figuresOf(count: number, { done, level }: Progress): ChunkFigures {
  return { count, levels: level, calls: done.length };
}

function attemptsIn(all: readonly Completion[]): Attempt[] {
  return all.flatMap((one) => one.attempts ?? []);
}

function doesNotShorten(): ProviderError {
  return new ProviderError('unusable', { cause: new Error('the summaries are hardly shorter than the text') });
}
