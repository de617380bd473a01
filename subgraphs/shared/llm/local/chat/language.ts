import { wordsOf } from '../sentences.js';
import { STOP_WORDS } from '../stop.words.js';

export type Language = 'es' | 'en';

/** Enough of a message to know what it is about; bounds the work on a pasted book. */
const LOOKED_AT = 4_000;

/** Lower case, without accents and the marks that open Spanish questions, white space made single. */
export function folded(text: string): string {
  const plain = text.slice(0, LOOKED_AT).normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
  return plain.replaceAll(/[¿¡]/g, '').replaceAll('’', "'").replaceAll(/\s+/g, ' ').trim();
}

/** Spanish or English, by stop words and by letters and marks that only Spanish has; null when nothing tells. */
export function languageOf(text: string): Language | null {
  const found = wordsOf(folded(text));
  const score = (language: Language): number => found.filter((word) => STOP_WORDS[language].has(word)).length;
  const spanish = score('es') + (/[¿¡ñáéíóú]/i.test(text.slice(0, LOOKED_AT)) ? 2 : 0);
  const english = score('en');
  if (spanish === english) return null;
  return spanish > english ? 'es' : 'en';
}

/** The words that carry the subject of a message, each once, as they were written, in their order. */
export function keywordsOf(text: string): string[] {
  const seen = new Map<string, string>();
  for (const word of text.slice(0, LOOKED_AT).match(/[\p{L}\p{N}][\p{L}\p{M}\p{N}'’-]*/gu) ?? []) {
    const plain = folded(word);
    const isCommon = STOP_WORDS.es.has(plain) || STOP_WORDS.en.has(plain);
    if (!isCommon && (plain.length > 2 || /\P{ASCII}/u.test(word)) && !seen.has(plain)) seen.set(plain, word);
  }
  return [...seen.values()];
}
