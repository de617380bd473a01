import { AppError, badInput } from '#shared/errors/app-error.js';
import type { History, HistoryRecord, Produced } from '#shared/history/history.port.js';
import type { PromptOwner, PromptPolicy } from '#shared/history/commit/prompt-policy.js';
import type { RecordedCall } from '#shared/history/graph/recorded-call.js';
import { callWithin } from '#shared/llm/deadline.js';
import type { SummaryLength } from '#shared/llm/llm.port.js';
import type { ChunkedCompletion, LongTextModel } from './chunks/chunked-summary.js';
import type { HistorySource } from './source/history-source.js';
import type { PageSource } from './source/page-source.js';
import { withoutWords, type SourceFacts, type SourceText } from './source/source-text.js';

/** Exactly one of the first three says what to summarize. */
export interface SummaryOrder {
  readonly text?: string | null;
  readonly url?: string | null;
  readonly s3Key?: string | null;
  readonly length: SummaryLength;
  readonly style?: string | null;
}

export interface SummaryServiceParts {
  readonly model: LongTextModel;
  readonly history: History;
  readonly pages: PageSource;
  readonly files: HistorySource;
  readonly policy: PromptPolicy;
  /** How long all of it may take: fetching a page, reading it, and every call to the provider. */
  readonly timeoutMs: number;
}

/** What to summarize, and how to come by it. */
interface Source {
  /** As the client gave it: what `prompt` and `input.json` say. */
  readonly named: Readonly<Record<string, string>>;
  readonly prompt: string;
  read(signal: AbortSignal): Promise<Pick<SourceText, 'text'> & Partial<SourceText>>;
}

/** Summaries of texts, pages and files of the history, each kept in the history. */
export class SummaryService {
  constructor(private readonly parts: SummaryServiceParts) {}

  /**
   * Throws BAD_USER_INPUT, PAYLOAD_TOO_LARGE for a text that is longer than the model may be sent, NOT_FOUND for a file that is
   * not the caller's, SERVICE_UNAVAILABLE when the history is away or too many pages are being read, and what the provider throws.
   */
  async summarize(order: SummaryOrder, { signal, ...caller }: RecordedCall): Promise<HistoryRecord> {
    const { model, history, timeoutMs } = this.parts;
    const { named, prompt, read } = await this.#sourceOf(order, caller.userId);
    const style = order.style?.trim() ? { style: order.style.trim() } : {};
    const params = { length: order.length, ...style };
    const request = {
      ...caller,
      action: 'summarize',
      prompt,
      input: { ...named, ...params },
      params,
      asked: { provider: model.provider, model: model.defaultModel, isAlone: model.isAlone },
    };
    return history.run(request, async ({ id: recordId }) => {
      const call = callWithin(timeoutMs, signal, { requestId: caller.requestId, recordId });
      const { text, facts } = await read(call.signal);
      const completion = await model.summarize({ text, ...params }, call);
      return producedOf(completion, facts && this.#keptOf(facts, caller));
    });
  }

  /** A file is read before anything is recorded, as what is not the caller's does not exist; a page is part of the work. */
  async #sourceOf({ text, url, s3Key }: SummaryOrder, userId: string): Promise<Source> {
    const { pages, files } = this.parts;
    if ([text, url, s3Key].filter((source) => source != null).length === 1) {
      if (text != null) {
        const given = this.#within('text', { text });
        return { named: { text }, prompt: text, read: async () => given };
      }
      if (url != null) {
        const read: Source['read'] = async (signal) => this.#within('url', await pages.read(url, signal));
        return { named: { url }, prompt: url, read };
      }
      if (s3Key != null) {
        const file = this.#within('s3Key', await files.read(s3Key, userId));
        return { named: { s3Key }, prompt: s3Key, read: async () => file };
      }
    }
    throw badInput('input.text', 'exactlyOne', 'Exactly one of text, url and s3Key must be given.');
  }

  /** Every character may be sent several times over, and paid for: pieces of it, then their summaries. */
  #within<Text extends Pick<SourceText, 'text'>>(field: string, source: Text): Text {
    const { maxInputChars = Number.POSITIVE_INFINITY } = this.parts.model;
    if (source.text.length <= maxInputChars) return source;
    const path = `input.${field}`;
    const is = field === 'text' ? 'is' : 'leads to a text';
    const message = `${path} ${is} longer than the ${maxInputChars} characters that may be sent to a model.`;
    throw new AppError('PAYLOAD_TOO_LARGE', message, { issues: [{ path, rule: 'maxLength', message }] });
  }

  #keptOf(facts: SourceFacts, owner: PromptOwner): SourceFacts {
    return this.parts.policy.storageFor(owner) === 'plain' ? facts : withoutWords(facts);
  }
}

function producedOf(
  { text, finishReason, promptVersion, chunks, ...provenance }: ChunkedCompletion,
  source: SourceFacts | undefined,
): Produced {
  const { attempts } = provenance;
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
    meta: {
      finishReason,
      ...(promptVersion !== undefined && { promptVersion }),
      ...(attempts && { attempts }),
      ...(source && { source }),
      ...(chunks && { chunks }),
    },
  };
}
