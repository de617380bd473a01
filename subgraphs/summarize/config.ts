import type { z } from 'zod';
import { serviceConfig } from '#shared/config/service-config.js';
import { subgraphEnv } from '#shared/config/subgraph-env.js';
import { historyEnv } from '#shared/history/history.config.js';
import { llmEnv } from '#shared/llm/provider.config.js';
import { llmRules, WITH_ALL_OTHERS } from '#shared/llm/provider.settings.js';

export const summarizeConfig = serviceConfig({ ...subgraphEnv, ...historyEnv, ...llmEnv }).superRefine(
  llmRules('chat'),
  WITH_ALL_OTHERS,
);

export type SummarizeConfig = z.output<typeof summarizeConfig>;
