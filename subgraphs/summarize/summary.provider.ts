import { LocalSummaryModel } from '#shared/llm/local/local-summary.provider.js';
import { createChatModel } from '#shared/llm/provider.config.js';
import type { SummarizeConfig } from './config.js';
import { PromptedSummaryModel } from './prompted-summary.js';

/** The model that the settings name: the offline one, or a chat model that works by our prompt. */
export async function createSummaryModel(config: SummarizeConfig): Promise<LocalSummaryModel | PromptedSummaryModel> {
  if (config.LLM_PROVIDER === 'local') return new LocalSummaryModel();
  return new PromptedSummaryModel(await createChatModel(config));
}
