import type { SummaryLength } from '../../llm.port.js';
import { LocalSummaryModel } from '../local-summary.provider.js';
import { askOf, type Ask } from './ask.js';
import { quoted, type Conversation } from './conversation.js';
import { folded, keywordsOf, type Language } from './language.js';
import { REPLIES, type Replies } from './replies.words.js';

const MOST_QUOTES = 10;
const MOST_SUBJECTS = 5;
/** So few statements are told whole; of more, the central ones. */
const MOST_TOLD_WHOLE = 6;
/** A message this long is a text that someone pasted. */
const PASTED_FROM_CHARS = 600;

const TELLING: ReadonlySet<Ask['kind']> = new Set(['introduction', 'statement', 'summary-of-text', 'other']);

const summarizer = new LocalSummaryModel();

/** What the offline responder says to the last message of the user. */
export async function answerTo(conversation: Conversation, now: Date, signal: AbortSignal): Promise<string> {
  const { message, language } = conversation;
  const replies = REPLIES[language];
  const ask = askOf(message, folded(message), language);
  if (ask.kind === 'summary-of-text') return replies.summaryOfText(await bullets(ask.text, 'short', signal));
  if (ask.kind === 'summary-of-conversation') return summaryOf(conversation, replies, signal);
  if (ask.kind === 'other' && message.length >= PASTED_FROM_CHARS) {
    return replies.summaryOfText(await bullets(message, 'short', signal));
  }
  return recalled(ask, conversation, replies) ?? spoken(ask, conversation, now);
}

/** Of what has a subject; greetings and questions about the conversation only where there is nothing else. */
async function summaryOf(conversation: Conversation, replies: Replies, signal: AbortSignal): Promise<string> {
  const { earlier, language } = conversation;
  if (earlier.length === 0) return replies.nothingSaid;
  const telling = earlier.filter((said) => TELLING.has(askOf(said, folded(said), language).kind));
  const told = telling.length > 0 ? telling : earlier;
  if (told.length <= MOST_TOLD_WHOLE)
    return replies.summaryOfConversation(told.map((said) => `- ${quoted(said)}`).join('\n'));
  return replies.summaryOfConversation(await bullets(told.join('\n\n'), 'med', signal));
}

async function bullets(text: string, length: SummaryLength, signal: AbortSignal): Promise<string> {
  const { text: summary } = await summarizer.summarize({ text, length, style: 'bullet' }, { signal });
  return summary;
}

/** Answers about the conversation itself; null when the message asks for something else. */
function recalled(ask: Ask, conversation: Conversation, replies: Replies): string | null {
  const { earlier, answers } = conversation;
  switch (ask.kind) {
    case 'name':
      return replies.name(conversation.name);
    case 'count':
      return replies.count(earlier.length + 1);
    case 'answered':
      return replies.answered(answers.length > 0 ? quoted(answers.at(-1) ?? '') : null);
    case 'said-about': {
      const said = conversation.saidAbout(ask.subject);
      const asWritten = keywordsOf(conversation.message).filter((word) => ask.subject.includes(folded(word)));
      return replies.saidAbout(asWritten.join(' ') || ask.subject, said === null ? null : quoted(said));
    }
    case 'said': {
      if (earlier.length === 0) return replies.nothingSaid;
      if (ask.which !== 'all') return replies.said(ask.which, quoted(earlier.at(ask.which === 'first' ? 0 : -1) ?? ''));
      return replies.saidAll(earlier.slice(-MOST_QUOTES).map(quoted), Math.max(0, earlier.length - MOST_QUOTES));
    }
    default:
      return null;
  }
}

function spoken(ask: Ask, conversation: Conversation, now: Date): string {
  const { language, message } = conversation;
  const replies = REPLIES[language];
  switch (ask.kind) {
    case 'introduction':
      return replies.introduction(ask.name);
    case 'greeting':
    case 'farewell':
      return replies[ask.kind](conversation.name);
    case 'wellbeing':
    case 'thanks':
    case 'identity':
    case 'abilities':
    case 'setup':
      return replies[ask.kind];
    case 'joke':
      return replies.jokes[conversation.earlier.length % replies.jokes.length] ?? replies.jokes[0];
    case 'clock':
      return replies.clock(dayOf(now, language), timeOf(now, language));
    case 'statement':
      return replies.noted;
    case 'sum':
      return Number.isFinite(ask.value)
        ? replies.sum(ask.expression, numberText(ask.value, language))
        : replies.noResult;
    default: {
      const said = conversation.saidAbout(message);
      return said === null ? replies.other(keywordsOf(message).slice(0, MOST_SUBJECTS)) : replies.related(quoted(said));
    }
  }
}

function dayOf(now: Date, language: Language): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'full', timeZone: 'UTC' }).format(now);
}

function timeOf(now: Date, language: Language): string {
  return new Intl.DateTimeFormat(language, { timeStyle: 'short', hour12: false, timeZone: 'UTC' }).format(now);
}

/** To twelve digits, which hides what binary fractions add (0.1 + 0.2). */
function numberText(value: number, language: Language): string {
  return new Intl.NumberFormat(language, { maximumSignificantDigits: 12, useGrouping: false }).format(value);
}
