import type { z } from 'zod';
import { integer } from '#shared/config/env-fields.js';
import { serviceConfig } from '#shared/config/service-config.js';
import { subgraphEnv } from '#shared/config/subgraph-env.js';
import { historyEnv, takeoverRule } from '#shared/history/history.config.js';
import { llmEnv } from '#shared/llm/provider.config.js';
import { llmRules, WITH_ALL_OTHERS } from '#shared/llm/provider.settings.js';

const summarizeEnv = {
  /** Tokens that the models read and write at once, 8192 where nothing is said (4096 with Ollama, see `context-tokens.ts`); longer texts are summarized in pieces. */
  LLM_CONTEXT_TOKENS: integer(2_048, 10_000_000).optional(),
};

export const summarizeConfig = serviceConfig({
  ...subgraphEnv,
  ...historyEnv,
  ...llmEnv,
  ...summarizeEnv,
})
  .superRefine(llmRules('chat'), WITH_ALL_OTHERS)
  .superRefine(takeoverRule, WITH_ALL_OTHERS);

export type SummarizeConfig = z.output<typeof summarizeConfig>;
