import type { CallOptions, ChatModel, Completion, SummaryModel, SummaryRequest } from '#shared/llm/llm.port.js';
import { PROMPT_VERSION, summaryTurns } from './summary.prompt.js';

/** Lets a chat model summarize, by a prompt of ours. */
export class PromptedSummaryModel implements SummaryModel {
  constructor(
    private readonly chatModel: ChatModel,
    private readonly maxOutputTokens?: number,
  ) {}

  get provider(): string {
    return this.chatModel.provider;
  }

  get defaultModel(): string {
    return this.chatModel.defaultModel;
  }

  async summarize(request: SummaryRequest, options: CallOptions): Promise<Completion> {
    const { maxOutputTokens } = this;
    const limit = maxOutputTokens === undefined ? {} : { maxOutputTokens };
    const completion = await this.chatModel.chat({ turns: summaryTurns(request), ...limit }, options);
    return { ...completion, text: completion.text.trim(), promptVersion: PROMPT_VERSION };
  }
}
