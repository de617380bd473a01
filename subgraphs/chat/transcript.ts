import type { ChatTurn } from '#shared/llm/llm.port.js';

/** How many of the latest messages a session keeps at hand, and the model is shown. */
export const WINDOW_SIZE = 40;

const MAX_TITLE_LENGTH = 60;

/**
 * What is new in the messages that a client sends: all of them, unless it repeats the conversation, as stateless clients
 * do. A window that is full may be the end of a longer conversation, so it is looked for anywhere.
 */
export function newMessages(window: readonly ChatTurn[], sent: readonly ChatTurn[]): readonly ChatTurn[] {
  if (window.length === 0) return sent;
  const lastStart = window.length < WINDOW_SIZE ? 0 : sent.length - window.length;
  for (let start = lastStart; start >= 0; start -= 1) {
    if (window.every((message, at) => isSame(message, sent[start + at]))) return sent.slice(start + window.length);
  }
  return sent;
}

export function windowAfter(window: readonly ChatTurn[], added: readonly ChatTurn[]): readonly ChatTurn[] {
  return [...window, ...added].slice(-WINDOW_SIZE);
}

/** The first thing the user says, cut between words where it is long; null when the user says nothing. */
export function titleOf(messages: readonly ChatTurn[]): string | null {
  const first = messages
    .find(({ role }) => role === 'user')
    ?.content.replaceAll(/\s+/g, ' ')
    .trim();
  if (!first) return null;
  const characters = Array.from(first);
  if (characters.length <= MAX_TITLE_LENGTH) return first;
  const cut = characters.slice(0, MAX_TITLE_LENGTH).join('');
  const lastSpace = characters[MAX_TITLE_LENGTH] === ' ' ? -1 : cut.lastIndexOf(' ');
  return `${(lastSpace > 0 ? cut.slice(0, lastSpace) : cut).trimEnd()}…`;
}

function isSame(a: ChatTurn, b: ChatTurn | undefined): boolean {
  return a.role === b?.role && a.content === b.content;
}
