import { folded, languageOf } from './chat/language.js';
import { ASKS, NOTHING_TO_SUMMARIZE } from './instruction.words.js';

/** A request is seldom longer, and a text that begins like one often is. */
const LONGEST_REQUEST = 200;

/**
 * What to say of a text that is a request (`Explain yellow fever in 5 bullets`) rather than something to summarize, in sentences of
 * its own language; null for a text. Extracting from it could only repeat it.
 */
export function answerToInstruction(text: string, sentences: readonly string[]): readonly string[] | null {
  const [request] = sentences;
  if (request === undefined || sentences.length > 1 || request.length > LONGEST_REQUEST) return null;
  if (!ASKS.test(folded(request)) && !/[?？؟]\s*$/.test(request)) return null;
  return NOTHING_TO_SUMMARIZE[languageOf(text) ?? 'en'](request);
}
