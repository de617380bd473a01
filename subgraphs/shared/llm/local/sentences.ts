import { breathe } from '../cancellation.js';
import { ABBREVIATION } from './abbreviation.words.js';

/** Sentences and words of a text in any language, by Unicode's rules (UAX #29) as `Intl.Segmenter` has them. */

const sentenceSegmenter = new Intl.Segmenter(undefined, { granularity: 'sentence' });
const wordSegmenter = new Intl.Segmenter(undefined, { granularity: 'word' });

const LIST_MARK = /^\s*(?:[-*+•–]|\d{1,3}[.)])\s+/;
const HEADING = /^\s{0,3}#{1,6}\s+/;
/** A longer sentence is cut, at a semicolon or colon where there is one. */
const LONGEST_SENTENCE = 900;
/** Characters between two breaths; some milliseconds of work. */
const CHARS_AT_ONCE = 20_000;

/**
 * The sentences in their order, white space made single, list marks taken off. A line of a list stands alone; headings count
 * only where there is nothing else. What has neither letter nor digit is no sentence.
 */
export async function sentencesOf(text: string, signal: AbortSignal): Promise<string[]> {
  // eslint-disable-next-line no-control-regex -- control characters are what is taken out
  const clean = text.normalize('NFC').replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufeff]/g, '');
  const blocks = blocksOf(clean);
  const body = blocks.filter(({ isHeading }) => !isHeading);
  const found: string[] = [];
  for (const { content } of body.length > 0 ? body : blocks) await collect(content, found, signal);
  return found;
}

/** Lower-cased words that mean something by their letters or digits. */
export function wordsOf(sentence: string): string[] {
  const words: string[] = [];
  for (const { segment, isWordLike } of wordSegmenter.segment(sentence)) {
    if (isWordLike) words.push(segment.toLowerCase());
  }
  return words;
}

interface Block {
  readonly content: string;
  readonly isHeading: boolean;
}

/** Paragraphs, with list items and headings apart; lines that were only wrapped are joined. */
function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  let wrapped: string[] = [];
  const close = (): void => {
    if (wrapped.length > 0) blocks.push({ content: wrapped.join(' '), isHeading: false });
    wrapped = [];
  };
  for (const line of text.split(/\r\n|[\n\r\u2028\u2029]/)) {
    const isHeading = HEADING.test(line);
    if (isHeading || LIST_MARK.test(line) || line.trim() === '') close();
    if (isHeading) blocks.push({ content: line.replace(HEADING, ''), isHeading });
    else if (line.trim() !== '') wrapped.push(line.replace(LIST_MARK, ''));
  }
  close();
  return blocks;
}

async function collect(block: string, found: string[], signal: AbortSignal): Promise<void> {
  let sentence = '';
  let seen = 0;
  for (const { segment } of sentenceSegmenter.segment(block)) {
    seen += segment.length;
    if (seen > CHARS_AT_ONCE) {
      seen = 0;
      await breathe(signal);
    }
    sentence += segment;
    if (sentence.length < LONGEST_SENTENCE && ABBREVIATION.test(sentence.slice(-14))) continue;
    found.push(...pieces(sentence));
    sentence = '';
  }
  found.push(...pieces(sentence));
}

function pieces(sentence: string): string[] {
  const found: string[] = [];
  let rest = sentence.replaceAll(/\s+/g, ' ').trim();
  while (rest.length > LONGEST_SENTENCE) {
    const head = rest.slice(0, LONGEST_SENTENCE);
    const space = head.lastIndexOf(' ');
    const cut =
      Math.max(head.lastIndexOf('; '), head.lastIndexOf(': ')) + 1 || (space > 0 ? space : wholeCharacters(head));
    found.push(rest.slice(0, cut));
    rest = rest.slice(cut).trim();
  }
  return [...found, rest].filter((piece) => /[\p{L}\p{N}]/u.test(piece));
}

/** Where to cut so that no surrogate pair is torn. */
function wholeCharacters(head: string): number {
  return /[\uD800-\uDBFF]$/.test(head) ? head.length - 1 : head.length;
}
