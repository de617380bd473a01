import type { z } from 'zod';
import { serviceConfig } from '#shared/config/service-config.js';
import { subgraphEnv } from '#shared/config/subgraph-env.js';
import { historyEnv, takeoverRule } from '#shared/history/history.config.js';
import { llmEnv } from '#shared/llm/provider.config.js';
import { llmRules, WITH_ALL_OTHERS } from '#shared/llm/provider.settings.js';
import { streamEnv } from '#shared/streams/stream.config.js';

export const chatConfig = serviceConfig({ ...subgraphEnv, ...historyEnv, ...llmEnv, ...streamEnv })
  .superRefine(llmRules('chat'), WITH_ALL_OTHERS)
  .superRefine(takeoverRule, WITH_ALL_OTHERS);

export type ChatConfig = z.output<typeof chatConfig>;
