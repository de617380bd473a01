import type { Account } from './account.js';
import type { AnswerLine, Message, Turn } from './answer-line.js';
import type { GraphqlApi } from './graphql-api.js';
import type { Terminal } from './terminal.js';
import { turnLine } from './turn-line.js';
import type { Words } from './words.js';

export interface ShowAnswerParts {
  readonly terminal: Terminal;
  readonly words: Words;
  readonly api: GraphqlApi;
  readonly account: Account;
  readonly line: AnswerLine;
}

const STOP = `mutation ($id: ID!) { stopped: stopChatMessage(id: $id) }`;

/** Sends a message and shows its answer as it comes, until it ends or is interrupted. False when it has failed. */
export async function showAnswer(message: Message, parts: ShowAnswerParts): Promise<boolean> {
  const { terminal, words, line } = parts;
  const leave = new AbortController();
  let id: string | undefined;
  let isStopping = false;
  const ready = terminal.onInterrupt(() => {
    if (isStopping) terminal.close();
    if (isStopping || id === undefined) return leave.abort();
    isStopping = true;
    terminal.note(words.stopping);
    // Who cannot tell the platform to stop can at least stop listening.
    stop(id, parts).catch(() => leave.abort());
  });
  let said = '';
  let turn: Turn | null = null;
  try {
    for await (const event of line.answerTo(message, leave.signal)) {
      id = event.id;
      said += event.delta;
      terminal.printText(event.delta);
      turn = event.message;
    }
    if (turn) said += showRest(turn, said, terminal);
  } finally {
    ready();
    terminal.endLine();
  }
  if (!turn) terminal.note(words.stopped);
  else terminal.note([turnLine(turn, words), ...(isStopping ? [words.stopped] : [])].join(' · '));
  if (turn?.error) terminal.fail(words.failed(turn.error));
  return !turn?.error;
}

/** Pieces are kept for a while only; the turn has the whole text. */
function showRest({ assistantMessage }: Turn, said: string, terminal: Terminal): string {
  const text = assistantMessage?.content ?? '';
  const rest = text.startsWith(said) ? text.slice(said.length) : '';
  terminal.printText(rest);
  return rest;
}

async function stop(id: string, { api, account }: ShowAnswerParts): Promise<void> {
  await api.send({ query: STOP, variables: { id }, accessToken: await account.accessToken() });
}
