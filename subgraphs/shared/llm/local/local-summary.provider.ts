import type { CallOptions, Completion, SummaryLength, SummaryModel, SummaryRequest } from '../llm.port.js';
import { estimatedUsage } from '../token-estimate.js';
import { lexRank } from './lexrank.js';
import { sentencesOf } from './sentences.js';

export const LOCAL_PROVIDER = 'local';

/** How many sentences; never more than half of those the text has, rounded up. */
const SENTENCES: Readonly<Record<SummaryLength, number>> = { short: 3, med: 6, long: 12 };
/** Ranking is quadratic: a longer text is ranked in blocks of this many sentences, and then the best of the blocks. */
const BLOCK = 250;
/** Maximal marginal relevance (Carbonell and Goldstein 1998): how much salience counts against saying something new. */
const RELEVANCE = 0.7;
/** A sentence of fewer words with a meaning than this seldom stands by itself, and counts for less. */
const FULL_SENTENCE_WORDS = 9;
/** How much more the first sentence counts than the last: texts tend to say first what they are about. */
const LEAD = 0.2;

/**
 * Extractive summaries without a network or weights: the sentences that LexRank finds most central, each with something to
 * add, in the order of the text. It invents nothing; what it is not given it cannot tell.
 */
export class LocalSummaryModel implements SummaryModel {
  readonly provider = LOCAL_PROVIDER;
  readonly defaultModel = 'lexrank-extractive';

  async summarize({ text, length, style }: SummaryRequest, { signal }: CallOptions): Promise<Completion> {
    const sentences = await sentencesOf(text, signal);
    const lines = await extract(sentences, Math.min(SENTENCES[length], Math.ceil(sentences.length / 2)), signal);
    const summary = style === 'bullet' ? lines.map((line) => `- ${line}`).join('\n') : lines.join(' ');
    return {
      text: summary,
      finishReason: 'stop',
      provider: this.provider,
      model: this.defaultModel,
      tokens: estimatedUsage(text, summary),
      costUsd: 0,
    };
  }
}

async function extract(sentences: readonly string[], wanted: number, signal: AbortSignal): Promise<string[]> {
  let candidates = sentences.map((_sentence, at) => at);
  while (candidates.length > BLOCK) {
    const best: number[] = [];
    for (let start = 0; start < candidates.length; start += BLOCK) {
      const block = candidates.slice(start, start + BLOCK);
      best.push(...(await pick(sentences, block, Math.ceil(block.length / 8), signal)));
    }
    candidates = best;
  }
  const picked = await pick(sentences, candidates, wanted, signal);
  return picked.map((at) => sentences[at] ?? '');
}

/** Chooses among candidates, and returns them in the order of the text. */
async function pick(
  sentences: readonly string[],
  candidates: readonly number[],
  wanted: number,
  signal: AbortSignal,
): Promise<number[]> {
  const texts = candidates.map((at) => sentences[at] ?? '');
  const { scores, words, similarity } = await lexRank(texts, signal);
  const worth = scores.map((score, local) => {
    const full = Math.min(1, (words[local] ?? 0) / FULL_SENTENCE_WORDS);
    const isQuestion = /[?？؟]\s*$/.test(texts[local] ?? '');
    const lead = 1 + LEAD * (1 - (candidates[local] ?? 0) / sentences.length);
    return score * full * lead * (isQuestion ? 0.6 : 1);
  });
  const highest = Math.max(...worth) || 1;
  const open = new Set(candidates.keys());
  const picked: number[] = [];
  const gain = (local: number): number => {
    const repeated = Math.max(0, ...picked.map((other) => similarity(local, other)));
    return RELEVANCE * ((worth[local] ?? 0) / highest) - (1 - RELEVANCE) * repeated;
  };
  while (picked.length < wanted && open.size > 0) {
    const best = [...open].reduce((a, b) => (gain(b) > gain(a) ? b : a));
    open.delete(best);
    picked.push(best);
  }
  return picked.map((local) => candidates[local] ?? 0).toSorted((a, b) => a - b);
}
