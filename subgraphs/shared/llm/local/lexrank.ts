import { breathe } from '../cancellation.js';
import { wordsOf } from './sentences.js';
import { STOP_WORDS } from './stop.words.js';

/**
 * LexRank (Erkan and Radev, "LexRank: Graph-based Lexical Centrality as Salience in Text Summarization", JAIR 22, 2004),
 * the continuous variant: sentences vote for each other by idf-modified cosine similarity, and the stationary
 * distribution of that walk is their salience. No sentence votes for itself: in a short text that would drown all other votes.
 */
export interface Ranked {
  /** Salience of each sentence; only their order and ratios mean something. */
  readonly scores: readonly number[];
  /** Words with a meaning of their own in each sentence. */
  readonly words: readonly number[];
  similarity(a: number, b: number): number;
}

type Vector = ReadonlyMap<string, number>;

const DAMPING = 0.85;
const STEM_CHARS = 6;
const MAX_ROUNDS = 60;
const ENOUGH = 1e-6;
/** Rows of the matrix between two breaths; some milliseconds of work. */
const ROWS_AT_ONCE = 16;

export async function lexRank(sentences: readonly string[], signal: AbortSignal): Promise<Ranked> {
  const documents: string[][] = [];
  for (const [at, sentence] of sentences.entries()) {
    if (at % ROWS_AT_ONCE === 0) await breathe(signal);
    documents.push(stemsOf(sentence));
  }
  const vectors = vectorsOf(documents);
  const count = vectors.length;
  const matrix = Array.from({ length: count }, () => new Float64Array(count));
  for (let a = 0; a < count; a += 1) {
    if (a % ROWS_AT_ONCE === 0) await breathe(signal);
    for (let b = a; b < count; b += 1) {
      const similarity = a === b ? 0 : dot(vectors[a], vectors[b]);
      set(matrix, a, b, similarity);
      set(matrix, b, a, similarity);
    }
  }
  return {
    scores: await stationary(matrix, signal),
    words: documents.map(({ length }) => length),
    similarity: (a, b) => matrix[a]?.[b] ?? 0,
  };
}

/**
 * The words with a meaning, without accents and cut to their first letters: a stemmer for every language that inflects at the
 * end. Languages whose stop words we do not have rely on idf alone.
 */
function stemsOf(sentence: string): string[] {
  return wordsOf(sentence)
    .map((word) => word.normalize('NFD').replaceAll(/\p{M}/gu, ''))
    .filter((word) => !STOP_WORDS.es.has(word) && !STOP_WORDS.en.has(word))
    .map((word) => word.slice(0, STEM_CHARS));
}

/** tf·idf, of length one; a word that every sentence has says nothing and weighs next to nothing. */
function vectorsOf(documents: readonly string[][]): Vector[] {
  const frequency = new Map<string, number>();
  for (const words of documents) for (const word of new Set(words)) frequency.set(word, (frequency.get(word) ?? 0) + 1);
  return documents.map((words) => {
    const weights = new Map<string, number>();
    for (const word of words) {
      const idf = Math.log(1 + documents.length / (frequency.get(word) ?? 1)) - Math.LN2 + 0.01;
      weights.set(word, (weights.get(word) ?? 0) + idf);
    }
    const length = Math.hypot(...weights.values()) || 1;
    return new Map([...weights].map(([word, weight]) => [word, weight / length]));
  });
}

function dot(a: Vector = new Map(), b: Vector = new Map()): number {
  const [small, large] = a.size < b.size ? [a, b] : [b, a];
  let sum = 0;
  for (const [word, weight] of small) sum += weight * (large.get(word) ?? 0);
  return sum;
}

/** Power iteration with damping. */
async function stationary(matrix: readonly Float64Array[], signal: AbortSignal): Promise<number[]> {
  const count = matrix.length;
  const degrees = matrix.map((row) => row.reduce((sum, value) => sum + value, 0));
  let scores = Array.from({ length: count }, () => 1 / count);
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    if (round % ROWS_AT_ONCE === 0) await breathe(signal);
    const next = Array.from({ length: count }, () => (1 - DAMPING) / count);
    for (const [from, row] of matrix.entries()) {
      const share = (DAMPING * (scores[from] ?? 0)) / (degrees[from] || 1);
      for (let to = 0; to < count; to += 1) next[to] = (next[to] ?? 0) + share * (row[to] ?? 0);
    }
    const change = next.reduce((sum, value, at) => sum + Math.abs(value - (scores[at] ?? 0)), 0);
    scores = next;
    if (change < ENOUGH) break;
  }
  return scores;
}

function set(matrix: readonly Float64Array[], row: number, column: number, value: number): void {
  const cells = matrix[row];
  if (cells) cells[column] = value;
}
