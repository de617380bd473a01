import type { RequestContext } from '#shared/context/request-context.js';
import type { ObjectStore } from '#shared/history/object-store.port.js';
import { createRecordLoader } from '#shared/history/record.loader.js';
import type { HistoryContext } from '#shared/history/record.resolver.js';
import { createSummaryTextLoader, type SummaryTextLoader } from './summary-text.loader.js';
import { SummaryService, type SummaryServiceParts } from './summary.service.js';

export interface SummarizeContext extends HistoryContext {
  readonly summaries: SummaryService;
  readonly texts: SummaryTextLoader;
}

/** Returns what makes each request's context. */
export function createSummarizeContext({ store, ...parts }: SummaryServiceParts & { readonly store: ObjectStore }) {
  const summaries = new SummaryService(parts);
  return (request: RequestContext): SummarizeContext => ({
    ...request,
    history: parts.history,
    records: createRecordLoader(parts.history),
    summaries,
    texts: createSummaryTextLoader(store),
  });
}
