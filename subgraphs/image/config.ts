import { z } from 'zod';
import { subgraphEnv } from '#shared/config/subgraph-env.js';
import { historyEnv } from '#shared/history/history.config.js';
import { llmEnv } from '#shared/llm/provider.config.js';

export const imageConfig = z.object({ ...subgraphEnv, ...historyEnv, ...llmEnv });
