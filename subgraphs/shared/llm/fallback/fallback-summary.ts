import type { CallOptions, Completion, SummaryModel, SummaryRequest } from '../llm.port.js';
import { candidateOf, FallbackModel } from './fallback.js';

/** Summaries by the first of several providers that answers. */
export class FallbackSummaryModel extends FallbackModel<SummaryModel> implements SummaryModel {
  async summarize(request: SummaryRequest, options: CallOptions): Promise<Completion> {
    const candidates = this.models.map((answerer) =>
      candidateOf(answerer, answerer.defaultModel, (of) => answerer.summarize(request, of)),
    );
    return this.fallback.run(candidates, options);
  }
}
