import { createSummaryModels, type ModelParts } from '#shared/llm/create-models.js';
import type { SummaryModel } from '#shared/llm/llm.port.js';
import { PromptedSummaryModel } from './prompted-summary.js';
import type { SummarizeConfig } from './config.js';

/** The models that the settings name: the offline one, and chat models that work by our prompt. Throws a ConfigError. */
export async function createSummaryModel(config: SummarizeConfig, parts: ModelParts): Promise<SummaryModel> {
  return createSummaryModels(config, parts, (model) => new PromptedSummaryModel(model, config.LLM_MAX_OUTPUT_TOKENS));
}
