import type { Account } from './account.js';
import { ApiError, type GraphqlApi } from './graphql-api.js';
import type { Terminal } from './terminal.js';
import type { Words } from './words.js';

export interface CommandParts {
  readonly terminal: Terminal;
  readonly words: Words;
  readonly api: GraphqlApi;
  readonly account: Account;
}

interface Session {
  readonly sessionId: string;
  readonly title: string | null;
  readonly turnCount: number;
  readonly updatedAt: string;
}

interface Said {
  readonly role: string;
  readonly content: string;
}

/** The conversation that a command was given in, or leads to; null for one that begins with its next message. */
type SessionId = string | null;

const SESSIONS = `query {
  chatSessions(first: 20) { edges { node { sessionId title turnCount updatedAt } } }
}`;
const HISTORY = `query ($id: String!) { chatSession(sessionId: $id) { messages { role content } } }`;

/** Runs a command, and returns the conversation to go on with. */
export async function runCommand(line: string, sessionId: SessionId, parts: CommandParts): Promise<SessionId> {
  const { terminal, words } = parts;
  const [command, argument] = line.split(/\s+/);
  switch (command) {
    case '/new':
      terminal.note(words.newSession);
      return null;
    case '/sessions':
      return argument === undefined ? listSessions(sessionId, parts) : pickSession(Number(argument), sessionId, parts);
    case '/history':
      await showHistory(sessionId, parts);
      return sessionId;
    case '/help':
      terminal.note(words.help);
      return sessionId;
    default:
      terminal.fail(words.unknownCommand);
      return sessionId;
  }
}

async function listSessions(current: SessionId, parts: CommandParts): Promise<SessionId> {
  const { terminal, words } = parts;
  const sessions = await latestSessions(parts);
  const dates = new Intl.DateTimeFormat(words.language, { dateStyle: 'medium', timeStyle: 'short' });
  for (const [at, { sessionId, title, turnCount, updatedAt }] of sessions.entries()) {
    const details = `${words.turns(turnCount)} · ${dates.format(new Date(updatedAt))}`;
    const mark = sessionId === current ? '*' : ' ';
    terminal.printText(`${mark}${String(at + 1).padStart(2)}  ${oneLine(title ?? words.untitled)}  (${details})\n`);
  }
  terminal.note(sessions.length > 0 ? words.pickSession : words.noSessions);
  return current;
}

async function pickSession(number: number, current: SessionId, parts: CommandParts): Promise<SessionId> {
  const { terminal, words } = parts;
  const picked = (await latestSessions(parts))[number - 1];
  if (picked) terminal.note(words.openedSession(oneLine(picked.title ?? words.untitled)));
  else terminal.fail(words.noSuchSession);
  return picked?.sessionId ?? current;
}

async function showHistory(id: SessionId, parts: CommandParts): Promise<void> {
  const { terminal, words } = parts;
  const messages = id === null ? [] : await messagesOf(id, parts);
  if (messages.length === 0) terminal.note(words.noHistory);
  for (const { role, content } of messages) terminal.printText(`${role === 'user' ? '> ' : ''}${content}\n`);
}

async function latestSessions({ api, account }: CommandParts): Promise<Session[]> {
  const call = { query: SESSIONS, accessToken: await account.accessToken() };
  const { chatSessions } = await api.send<{ chatSessions: { edges: { node: Session }[] } }>(call);
  return chatSessions.edges.map(({ node }) => node);
}

async function messagesOf(id: string, { api, account }: CommandParts): Promise<readonly Said[]> {
  try {
    const call = { query: HISTORY, variables: { id }, accessToken: await account.accessToken() };
    return (await api.send<{ chatSession: { messages: Said[] } }>(call)).chatSession.messages;
  } catch (error) {
    // A name of one's own is a conversation from its first message on.
    if (error instanceof ApiError && error.code === 'NOT_FOUND') return [];
    throw error;
  }
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
