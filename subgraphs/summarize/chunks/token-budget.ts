/** Tokens as far as a text can need them at most, in thirds of a token so that sums are whole numbers. */

export const THIRDS_PER_TOKEN = 3;
/** The last letter of Latin Extended-B. */
const LAST_LATIN = 0x24f;

/**
 * A third of a token for a character of a language in Latin letters, a whole one for others. Tokenizers do better on nearly any
 * text (four characters per token in English, two in Russian, about one in Chinese); here it matters not to do worse.
 */
export function thirdsOf(text: string): number {
  let thirds = 0;
  for (let at = 0; at < text.length; at += 1) thirds += text.charCodeAt(at) <= LAST_LATIN ? 1 : THIRDS_PER_TOKEN;
  return thirds;
}

export interface Budget {
  /** For the text of one call. */
  readonly inputTokens: number;
  /** For its summary. */
  readonly outputTokens: number;
}

/** Our prompt and what a model puts around turns, generously. */
const PROMPT_TOKENS = 400;
/** What a model that thinks before it writes may need; the longest summary has some 700. */
const OUTPUT_SHARE = 1 / 4;

/** How a model's context is shared out, of which a call's text and answer need both. */
export function budgetOf(contextTokens: number, maxOutputTokens: number): Budget {
  const outputTokens = Math.min(maxOutputTokens, Math.floor(contextTokens * OUTPUT_SHARE));
  return { outputTokens, inputTokens: contextTokens - outputTokens - PROMPT_TOKENS };
}
