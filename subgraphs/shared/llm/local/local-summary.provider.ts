import type { CallOptions, Completion, SummaryLength, SummaryModel, SummaryRequest } from '../llm.port.js';
import { estimatedUsage } from '../token-estimate.js';
import { answerToInstruction } from './instruction.js';
import { lexRank } from './lexrank.js';
import { LOCAL_PROVIDER } from './local-provider.js';
import { sentencesOf } from './sentences.js';

/** How many sentences; never more than half of those the text has, rounded up. */
const SENTENCES: Readonly<Record<SummaryLength, number>> = { short: 3, med: 6, long: 12 };
/** Ranking is quadratic: a longer text is ranked in blocks of this many sentences, and then the best of the blocks. */
const BLOCK = 250;
/** Maximal marginal relevance (Carbonell and Goldstein 1998): how much salience counts against saying something new. */
const RELEVANCE = 0.7;
/** A sentence of fewer words with a meaning than this seldom stands by itself, and counts for less. */
const FULL_SENTENCE_WORDS = 9;
/** A sentence of more resembles many others by its length alone, and is no summary of anything. */
const LONG_SENTENCE_WORDS = 24;
/** How much more the first sentence counts than the last: texts tend to say first what they are about. */
const LEAD = 0.2;

/**
 * Extractive summaries without a network or weights: the sentences that LexRank finds most central, each with something to
 * add, in the order of the text. It invents nothing; what it is not given it cannot tell, and of a request for knowledge it says so.
 */
export class LocalSummaryModel implements SummaryModel {
  readonly provider = LOCAL_PROVIDER;
  readonly isInstant = true;
  readonly defaultModel = 'lexrank-extractive';

  async summarize({ text, length, style }: SummaryRequest, { signal }: CallOptions): Promise<Completion> {
    const sentences = await sentencesOf(text, signal);
    const refusal = answerToInstruction(text, sentences);
    const lines = refusal ?? (await extract(distinct(sentences), SENTENCES[length], signal));
    const summary = (style === 'bullet' ? lines.map((line) => `- ${line}`).join('\n') : lines.join(' ')) || text.trim();
    return {
      text: summary,
      finishReason: refusal ? 'other' : 'stop',
      provider: this.provider,
      model: this.defaultModel,
      tokens: estimatedUsage(text, summary),
      costUsd: 0,
    };
  }
}

/** What is said twice, as in menus and forms, is said once. */
function distinct(sentences: readonly string[]): string[] {
  return [
    ...new Map(sentences.toReversed().map((sentence) => [sentence.toLowerCase(), sentence])).values(),
  ].toReversed();
}

async function extract(sentences: readonly string[], most: number, signal: AbortSignal): Promise<string[]> {
  const wanted = Math.min(most, Math.ceil(sentences.length / 2));
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
    const count = words[local] ?? 0;
    const full = Math.min(1, count / FULL_SENTENCE_WORDS, LONG_SENTENCE_WORDS / Math.max(1, count));
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
