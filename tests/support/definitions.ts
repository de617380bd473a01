import 'reflect-metadata';
import { createChatModel, createImageModel } from '#shared/llm/create-models.js';
import { toPreviewJpeg } from '#shared/llm/image/encode-image.js';
import { createChatContext } from '../../subgraphs/chat/context.js';
import { openStreamLog } from '#shared/streams/open-stream-log.js';
import { buildChatSchema } from '../../subgraphs/chat/schema.js';
import { createImageContext } from '../../subgraphs/image/context.js';
import { buildImageSchema } from '../../subgraphs/image/schema.js';
import { createSummarizeContext } from '../../subgraphs/summarize/context.js';
import { buildSummarizeSchema } from '../../subgraphs/summarize/schema.js';
import { createSummaryModel } from '../../subgraphs/summarize/summary.provider.js';
import type { LlmDefinition } from './llm-subgraph.js';

/** None of the models here holds anything. */
const defer = (): void => undefined;

/** The three subgraphs, put together as their `main.ts` does. */
export const IMAGE: LlmDefinition = {
  service: 'image',
  schema: buildImageSchema,
  async context(config, { history }, _life, log) {
    const model = await createImageModel(config, { log, defer });
    return createImageContext({ model, preview: toPreviewJpeg, history, timeoutMs: config.LLM_TIMEOUT_MS });
  },
};

export const SUMMARIZE: LlmDefinition = {
  service: 'summarize',
  schema: buildSummarizeSchema,
  async context(config, { history, store }, _life, log) {
    const model = await createSummaryModel(config, { log, defer });
    return createSummarizeContext({ model, history, store, timeoutMs: config.LLM_TIMEOUT_MS });
  },
};

export const CHAT: LlmDefinition = {
  service: 'chat',
  schema: buildChatSchema,
  async context(config, { history, store }, life, log) {
    const { overtime } = life;
    const parts = { log, defer: life.defer.bind(life) };
    const model = await createChatModel(config, parts);
    const streams = openStreamLog({ redisUrl: undefined, lingerMs: config.STREAM_LINGER, ...parts });
    const timeoutMs = config.LLM_TIMEOUT_MS;
    return createChatContext({ model, history, store, streams, timeoutMs, overtime, ...parts });
  },
};
