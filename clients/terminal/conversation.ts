import type { Account } from './account.js';
import { AnswerLine, LineLost } from './answer-line.js';
import { runCommand } from './commands.js';
import { ApiError, Unreachable, type GraphqlApi } from './graphql-api.js';
import { showAnswer } from './show-answer.js';
import type { Terminal } from './terminal.js';
import type { Words } from './words.js';

export interface ConversationParts {
  readonly terminal: Terminal;
  readonly words: Words;
  readonly api: GraphqlApi;
  readonly account: Account;
  readonly model: string | undefined;
}

const CREATE = `mutation { session: createChatSession { sessionId } }`;

/** Lines that are messages or commands, and what comes of them. */
export class Conversation {
  readonly #line: AnswerLine;

  constructor(
    private readonly parts: ConversationParts,
    /** Null for one that begins with its first message. */
    private sessionId: string | null,
  ) {
    const { api, account, terminal, words } = parts;
    this.#line = new AnswerLine({
      url: api.url,
      account,
      onBroken: (attempt, attempts) => terminal.note(words.lineBroke(attempt, attempts)),
      onBack: () => terminal.note(words.lineIsBack),
    });
  }

  /** Goes on until the person leaves, or there are no more lines. False when something has failed. */
  async run(): Promise<boolean> {
    const { terminal, words } = this.parts;
    let isWarned = false;
    const done = terminal.onInterrupt(() => {
      if (isWarned) return terminal.close();
      isWarned = true;
      terminal.interject(words.againToLeave);
    });
    let isFine = true;
    for (let line = await terminal.ask('> '); line !== null; line = await terminal.ask('> ')) {
      isWarned = false;
      if (line.trim() === '/quit') break;
      if (line.trim() !== '') isFine = (await this.#take(line.trim())) && isFine;
    }
    done();
    return isFine;
  }

  /** What fails is told, and the conversation goes on, but for a session that has ended. */
  async #take(line: string): Promise<boolean> {
    const { terminal, words } = this.parts;
    try {
      if (!line.startsWith('/')) return await this.#send(line);
      this.sessionId = await runCommand(line, this.sessionId, this.parts);
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.code !== 'UNAUTHENTICATED') terminal.fail(error.message);
      else if (error instanceof Unreachable) terminal.fail(words.unreachable(error.url));
      else if (error instanceof LineLost) terminal.fail(words.lineIsGone);
      else throw error;
      return false;
    }
  }

  async #send(content: string): Promise<boolean> {
    const { api, account, model } = this.parts;
    this.sessionId ??= await this.#begin();
    return showAnswer({ sessionId: this.sessionId, content, model }, { ...this.parts, line: this.#line, api, account });
  }

  async #begin(): Promise<string> {
    const { api, account } = this.parts;
    const call = { query: CREATE, accessToken: await account.accessToken() };
    return (await api.send<{ session: { sessionId: string } }>(call)).session.sessionId;
  }
}
