import { breathe } from '#shared/llm/cancellation.js';
import { THIRDS_PER_TOKEN, thirdsOf } from './token-budget.js';

const sentences = new Intl.Segmenter(undefined, { granularity: 'sentence' });
/** Characters between two breaths; some milliseconds of work. */
const CHARS_AT_ONCE = 20_000;

/**
 * A text in pieces of at most `maxTokens` (at least 2), which joined are the text. It is cut between sentences (UAX #29), and
 * within one only where that is longer than a piece: at white space where there is some, and never within a character.
 * The pieces are of about the same size, so that none of them counts for more than it says.
 */
export async function splitText(text: string, maxTokens: number, signal: AbortSignal): Promise<string[]> {
  const most = maxTokens * THIRDS_PER_TOKEN;
  const total = thirdsOf(text);
  if (total <= most) return [text];
  const enough = Math.ceil(total / Math.ceil(total / most));
  const pieces: string[] = [];
  let piece = '';
  let size = 0;
  const close = (): void => {
    if (piece !== '') pieces.push(piece);
    piece = '';
    size = 0;
  };
  let breathAt = CHARS_AT_ONCE;
  for (const { segment, index } of sentences.segment(text)) {
    if (index >= breathAt) {
      breathAt = index + CHARS_AT_ONCE;
      await breathe(signal);
    }
    for (const part of partsOf(segment, most)) {
      const more = thirdsOf(part);
      if (size + more > most) close();
      piece += part;
      size += more;
      if (size >= enough) close();
    }
  }
  close();
  return pieces;
}

/** A sentence, or parts of one that is too long. */
function partsOf(sentence: string, most: number): string[] {
  if (thirdsOf(sentence) <= most) return [sentence];
  const parts: string[] = [];
  let start = 0;
  while (start < sentence.length) {
    const end = cutOf(sentence, start, most);
    parts.push(sentence.slice(start, end));
    start = end;
  }
  return parts;
}

/** Where a part that begins at `start` ends. */
function cutOf(sentence: string, start: number, most: number): number {
  let end = start;
  let afterSpace = start;
  for (let size = 0; end < sentence.length;) {
    const character = String.fromCodePoint(sentence.codePointAt(end) ?? 0);
    size += thirdsOf(character);
    if (size > most) break;
    end += character.length;
    if (/\s/.test(character)) afterSpace = end;
  }
  const isWhole = end === sentence.length;
  // A space near the start would leave next to nothing before it.
  return isWhole || afterSpace - start < (end - start) / 2 ? end : afterSpace;
}
