import type { ChatTurn } from '#shared/llm/llm.port.js';

/** Counts up with every change of the words below; each record says which it was made with. */
export const PROMPT_VERSION = 'chat-1';

const SYSTEM_PROMPT = [
  'You are a helpful assistant. Answer in the language of the last message, to the point, and in plain text or Markdown.',
  'Say so when you do not know or cannot do something; never invent facts, sources or results.',
].join('\n');

/**
 * The conversation as a model is shown it: our words and the client's own system message in one system turn at the start,
 * where every provider takes it, then what was said, beginning with the user.
 */
export function conversationTurns(window: readonly ChatTurn[], added: readonly ChatTurn[]): ChatTurn[] {
  const all = [...window, ...added];
  const own = all.findLast(({ role }) => role === 'system');
  const said = all.filter(({ role }) => role !== 'system');
  const system = own ? `${SYSTEM_PROMPT}\n\n${own.content}` : SYSTEM_PROMPT;
  return [{ role: 'system', content: system }, ...said.slice(said.findIndex(({ role }) => role === 'user'))];
}
