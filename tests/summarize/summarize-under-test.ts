import { stricterPolicy, type PromptStorage } from '#shared/history/commit/prompt-policy.js';
import { createLogger } from '#shared/logging/logger.js';
import type { SafeFetch } from '#shared/safe-fetch/safe-fetch.js';
import { createSummarizeContext } from '../../subgraphs/summarize/context.js';
import { createSummaryModel } from '../../subgraphs/summarize/summary.provider.js';
import { SUMMARIZE } from '../support/definitions.js';
import type { LlmDefinition } from '../support/llm-subgraph.js';
import type { RecordReply } from '../support/record-expectation.js';
import { RECORD_FIELDS } from '../support/record-expectation.js';

export interface SummaryReply extends RecordReply {
  readonly text: string;
  readonly tokens: { readonly in: number; readonly out: number };
  readonly cost: { readonly usd: number | null };
}

export const SUMMARIZE_QUERY = `mutation ($input: SummarizeInput!) {
  summarize(input: $input) { ${RECORD_FIELDS} text s3 { record input summary } }
}`;

const parts = { log: createLogger({ level: 'silent', service: 'summarize' }), defer: () => undefined };

/** The subgraph as its `main.ts` puts it together, with a web or a model of the test's own. */
export function summarizeWith({
  fetcher,
  storage = 'plain',
  contextTokens,
}: {
  fetcher?: SafeFetch;
  storage?: PromptStorage;
  contextTokens?: number;
}): LlmDefinition {
  return {
    ...SUMMARIZE,
    async context(config, { history, store }) {
      const model = await createSummaryModel({ ...config, LLM_CONTEXT_TOKENS: contextTokens }, parts);
      const policy = stricterPolicy(storage);
      const timeoutMs = config.LLM_TIMEOUT_MS;
      return createSummarizeContext({ model, history, store, policy, timeoutMs, ...(fetcher && { fetcher }) });
    },
  };
}
