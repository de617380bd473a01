import { createSummaryModels, type ModelParts } from '#shared/llm/create-models.js';
import { LOCAL_PROVIDER } from '#shared/llm/local/local-provider.js';
import { ChunkedSummaryModel, type LongTextModel } from './chunks/chunked-summary.js';
import { budgetOf } from './chunks/token-budget.js';
import type { SummarizeConfig } from './config.js';
import { contextTokensOf } from './context-tokens.js';
import { PromptedSummaryModel } from './prompted-summary.js';

/** Pieces of one text that are summarized at a time. */
const PIECES_AT_ONCE = 4;

/**
 * The models that the settings name: the offline one, which reads texts of any length, and chat models that work by our prompt
 * and read longer ones in pieces. Throws a ConfigError.
 */
export async function createSummaryModel(config: SummarizeConfig, parts: ModelParts): Promise<LongTextModel> {
  const budget = budgetOf(contextTokensOf(config), config.LLM_MAX_OUTPUT_TOKENS);
  const prompted = await createSummaryModels(
    config,
    parts,
    (model) => new PromptedSummaryModel(model, budget.outputTokens),
  );
  const isOffline = prompted.provider === LOCAL_PROVIDER && config.LLM_LOCAL_MODEL === undefined;
  if (isOffline) return prompted;
  const { inputTokens } = budget;
  return new ChunkedSummaryModel(prompted, {
    inputTokens,
    width: PIECES_AT_ONCE,
    maxInputChars: config.LLM_MAX_INPUT_CHARS,
  });
}
