import { AppError, badInput } from '#shared/errors/app-error.js';
import type { History, HistoryRecord, Produced } from '#shared/history/history.port.js';
import type { RecordedCall } from '#shared/history/recorded-call.js';
import type { Completion, SummaryLength, SummaryModel } from '#shared/llm/llm.port.js';

/** Exactly one of the first three says what to summarize. */
export interface SummaryOrder {
  readonly text?: string | null;
  readonly url?: string | null;
  readonly s3Key?: string | null;
  readonly length: SummaryLength;
  readonly style?: string | null;
}

export interface SummaryServiceParts {
  /** `promptVersion` names the prompt of ours that it works by, where it does. */
  readonly model: SummaryModel & { readonly promptVersion?: string };
  readonly history: History;
  /** How long the provider may take. */
  readonly timeoutMs: number;
}

/** Summaries of texts, each kept in the history. */
export class SummaryService {
  constructor(private readonly parts: SummaryServiceParts) {}

  /**
   * Throws BAD_USER_INPUT, NOT_IMPLEMENTED for a url or an s3Key, SERVICE_UNAVAILABLE when the history is away, and what
   * the provider throws.
   */
  async summarize(order: SummaryOrder, { signal, ...caller }: RecordedCall): Promise<HistoryRecord> {
    const { model, history, timeoutMs } = this.parts;
    const text = sourceOf(order);
    const style = order.style?.trim() ? { style: order.style.trim() } : {};
    const params = { length: order.length, ...style };
    const request = {
      ...caller,
      action: 'summarize',
      prompt: text,
      input: { text, ...params },
      params,
      asked: { provider: model.provider, model: model.defaultModel },
    };
    return history.run(request, async () => {
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      return this.#producedOf(await model.summarize({ text, ...params }, { signal: deadline }));
    });
  }

  #producedOf({ text, finishReason, ...provenance }: Completion): Produced {
    const { promptVersion } = this.parts.model;
    return {
      provenance,
      output: { text, finishReason },
      artifacts: [
        {
          name: 'summary',
          at: { path: 'summary.txt' },
          bytes: Buffer.from(text),
          contentType: 'text/plain; charset=utf-8',
        },
      ],
      meta: { finishReason, ...(promptVersion !== undefined && { promptVersion }) },
    };
  }
}

function sourceOf({ text, url, s3Key }: SummaryOrder): string {
  if ([text, url, s3Key].filter((source) => source != null).length !== 1) {
    throw badInput('input.text', 'exactlyOne', 'input must have exactly one of text, url and s3Key.');
  }
  if (text != null) return text;
  const what = url == null ? 'files of the history (s3Key)' : 'web pages (url)';
  throw new AppError('NOT_IMPLEMENTED', `Summaries of ${what} are not available yet; send the text itself as text.`);
}
