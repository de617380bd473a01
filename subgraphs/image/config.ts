import { serviceConfig } from '#shared/config/service-config.js';
import { subgraphEnv } from '#shared/config/subgraph-env.js';
import { historyEnv, takeoverRule } from '#shared/history/history.config.js';
import { llmEnv } from '#shared/llm/provider.config.js';
import { llmRules, WITH_ALL_OTHERS } from '#shared/llm/provider.settings.js';

export const imageConfig = serviceConfig({ ...subgraphEnv, ...historyEnv, ...llmEnv })
  .superRefine(llmRules('image'), WITH_ALL_OTHERS)
  .superRefine(takeoverRule, WITH_ALL_OTHERS);
