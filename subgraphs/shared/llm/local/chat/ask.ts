import { calculate } from './arithmetic.js';
import * as words from './ask.words.js';
import type { Language } from './language.js';

/** What a message asks of the offline responder. */
export type Ask =
  | { readonly kind: words.SimpleAsk }
  | { readonly kind: 'introduction'; readonly name: string }
  | { readonly kind: 'summary-of-text'; readonly text: string }
  | { readonly kind: 'said-about'; readonly subject: string }
  | { readonly kind: 'said'; readonly which: 'first' | 'last' | 'all' }
  | { readonly kind: 'sum'; readonly expression: string; readonly value: number }
  | { readonly kind: 'greeting' }
  | { readonly kind: 'thanks' }
  | { readonly kind: 'farewell' }
  | { readonly kind: 'statement' }
  | { readonly kind: 'other' };

/** `original` as it was written, `message` the same text folded. */
export function askOf(original: string, message: string, language: Language): Ask {
  const named = words.NAME_GIVEN.exec(original.slice(0, 500)) ?? words.NAME_ALONE.exec(original.slice(0, 100));
  if (named?.[1]) return { kind: 'introduction', name: named[1] };
  const about = words.SAID_ABOUT.exec(message);
  if (about?.[1] && words.SAID.test(message)) return { kind: 'said-about', subject: about[1] };
  const simple = words.SIMPLE.find(([, pattern]) => pattern.test(message));
  const text = words.SUMMARIZE.test(message) ? textToSummarize(original) : null;
  if (text !== null) return { kind: 'summary-of-text', text };
  if (simple) return { kind: simple[0] };
  if (words.SAID.test(message)) return { kind: 'said', which: whichSaid(message) };
  const sum = calculate(message, language);
  if (sum) return { kind: 'sum', ...sum };
  const talk = smallTalk(message);
  return talk.kind === 'other' && words.STATEMENT.test(message) && !/[?？]/.test(message)
    ? { kind: 'statement' }
    : talk;
}

function whichSaid(message: string): 'first' | 'last' | 'all' {
  if (words.FIRST.test(message)) return 'first';
  return words.LAST.test(message) ? 'last' : 'all';
}

function smallTalk(message: string): Ask {
  if (message.length > 60) return { kind: 'other' };
  if (words.THANKS.test(message)) return { kind: 'thanks' };
  if (words.FAREWELL.test(message)) return { kind: 'farewell' };
  const rest = message.replace(words.GREETING, '');
  return rest !== message && rest.length < 25 ? { kind: 'greeting' } : { kind: 'other' };
}

/** What follows a colon or the first line break, if there is enough to be shortened. */
function textToSummarize(original: string): string | null {
  const at = /[:\n]/.exec(original.slice(0, 300))?.index;
  const text = at === undefined ? '' : original.slice(at + 1).trim();
  return text.length >= 80 ? text : null;
}
