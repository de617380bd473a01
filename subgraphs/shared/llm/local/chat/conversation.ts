import type { ChatTurn } from '../../llm.port.js';
import { askOf } from './ask.js';
import { folded, keywordsOf, languageOf, type Language } from './language.js';

const LONGEST_QUOTE = 160;

/** What was said before the message that is to be answered. System turns are nobody's words and never quoted. */
export class Conversation {
  readonly message: string;
  /** Of the user, before the message, oldest first. */
  readonly earlier: readonly string[];
  readonly answers: readonly string[];
  readonly language: Language;

  constructor(turns: readonly ChatTurn[]) {
    const saidByUser = turns.filter(({ role }) => role === 'user').map(({ content }) => content);
    this.message = saidByUser.at(-1) ?? '';
    this.earlier = saidByUser.slice(0, -1);
    this.answers = turns.filter(({ role }) => role === 'assistant').map(({ content }) => content);
    this.language =
      saidByUser
        .toReversed()
        .map(languageOf)
        .find((found) => found !== null) ?? 'en';
  }

  /** The name the user last gave as theirs. */
  get name(): string | null {
    for (const said of this.earlier.toReversed()) {
      const ask = askOf(said, folded(said), this.language);
      if (ask.kind === 'introduction') return ask.name;
    }
    return null;
  }

  /** The earlier statement that shares the most words with `subject`; questions tell nothing. */
  saidAbout(subject: string): string | null {
    const wanted = keywordsOf(subject).map(stem);
    if (wanted.length === 0) return null;
    const scored = this.earlier
      .filter((said) => !/[?？]\s*$/.test(said))
      .map((said) => {
        const stems = new Set(keywordsOf(said).map(stem));
        return { said, shared: wanted.filter((word) => stems.has(word)).length };
      });
    const best = scored.reduce((a, b) => (b.shared >= a.shared ? b : a), { said: '', shared: 0 });
    return best.shared * 2 > wanted.length ? best.said : null;
  }
}

/** Brought to one line and a length that reads well inside a sentence. */
export function quoted(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length <= LONGEST_QUOTE ? line : `${line.slice(0, LONGEST_QUOTE).replace(/\s+\S*$/, '')}…`;
}

/** Plurals and a change of ending must not hide a word. */
function stem(word: string): string {
  const plain = folded(word);
  return plain.length > 4 ? plain.slice(0, Math.max(4, plain.length - 2)) : plain;
}
