import type { RequestContext } from '#shared/context/request-context.js';
import type { ObjectStore } from '#shared/history/store/object-store.port.js';
import { createRecordLoader } from '#shared/history/graph/record.loader.js';
import { stricterPolicy } from '#shared/history/commit/prompt-policy.js';
import type { HistoryContext } from '#shared/history/graph/record.resolver.js';
import { SafeFetch } from '#shared/safe-fetch/safe-fetch.js';
import { PageReader } from './page/page-reader.js';
import { HistorySource } from './source/history-source.js';
import { PageSource } from './source/page-source.js';
import { createSummaryTextLoader, type SummaryTextLoader } from './summary-text.loader.js';
import { SummaryService, type SummaryServiceParts } from './summary.service.js';

export interface SummarizeContext extends HistoryContext {
  readonly summaries: SummaryService;
  readonly texts: SummaryTextLoader;
}

export interface SummarizeParts extends Pick<SummaryServiceParts, 'model' | 'history' | 'timeoutMs'> {
  readonly store: ObjectStore;
  /** From the public web alone, unless a test has a web of its own. */
  readonly fetcher?: SafeFetch;
  /** Whether words are kept; where nothing is said, as the user wishes. */
  readonly policy?: SummaryServiceParts['policy'];
}

/** Returns what makes each request's context. */
export function createSummarizeContext({ store, fetcher = new SafeFetch(), ...given }: SummarizeParts) {
  const { history, policy = stricterPolicy('plain') } = given;
  const pages = new PageSource({ fetcher, reader: new PageReader() });
  const files = new HistorySource({ history, store });
  const summaries = new SummaryService({ ...given, policy, pages, files });
  return (request: RequestContext): SummarizeContext => ({
    ...request,
    history,
    records: createRecordLoader(history),
    summaries,
    texts: createSummaryTextLoader(store),
  });
}
