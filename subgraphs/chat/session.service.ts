import { bulkhead } from 'cockatiel';
import { LRUCache } from 'lru-cache';
import { v7 } from 'uuid';
import { AppError, badInput } from '#shared/errors/app-error.js';
import type { HistoryRecord } from '#shared/history/history.port.js';
import { identityOf } from '#shared/history/keys.js';
import type { ChatTurn } from '#shared/llm/llm.port.js';
import { sessionAddress } from './session-id.js';
import {
  messageKey,
  recordKeyOf,
  stateKey,
  type SessionState,
  type SessionStore,
  type StoredState,
} from './session-store.js';
import { titleOf, WINDOW_SIZE, windowAfter } from './transcript.js';

export const NO_SUCH_SESSION = 'No such chat session.';

export interface Session extends SessionState {
  readonly storageId: string;
}

/** A session that a message goes to; it may not have begun yet. */
export interface OpenSession {
  readonly storageId: string;
  readonly sessionId: string;
  readonly window: readonly ChatTurn[];
  /** As it was read; null for one that has not begun. */
  readonly stored: StoredState | null;
  readonly openedAt: Date;
}

/** What was said in one go: the client's new messages, and the answer. */
export interface Turn {
  readonly id: string;
  /** Null where no texts are kept. */
  readonly messages: readonly ChatTurn[] | null;
}

export interface SessionOwner {
  readonly userId: string;
  readonly username: string;
}

export interface SessionServiceParts {
  readonly sessions: SessionStore;
  readonly now: () => Date;
}

/** Of a process, whoever asks: a long conversation must not keep everybody else from the store. */
const RECORD_READS = 16;
/** A file that is part of a record stays so. */
const REMEMBERED_FILES = 10_000;

/** Conversations: who has which, and what was said lately. */
export class SessionService {
  readonly #reads = bulkhead(RECORD_READS, Infinity);
  readonly #committed = new LRUCache<string, true>({ max: REMEMBERED_FILES });

  constructor(private readonly parts: SessionServiceParts) {}

  async create({ userId, username }: SessionOwner, title: string | null): Promise<Session> {
    const at = this.parts.now();
    const storageId = v7({ msecs: at.getTime() });
    const state = { ...newState(storageId, { userId, username }, at), title };
    await this.parts.sessions.point(storageId, state);
    return { storageId, ...(await this.parts.sessions.update(storageId, () => state)) };
  }

  /** The session that a user means by an id; null when there is none. Says nothing about who may see it. */
  async find(userId: string, sessionId: string): Promise<Session | null> {
    const address = sessionAddress(userId, sessionId);
    return address && this.#byStorageId(address.storageId);
  }

  /** The session for a user's message. Throws NOT_FOUND for one that is not the user's, or that would have to be created. */
  async open(userId: string, sessionId: string): Promise<OpenSession> {
    const address = sessionAddress(userId, sessionId);
    if (!address) throw new AppError('NOT_FOUND', NO_SUCH_SESSION);
    const { storageId, isChosen } = address;
    const openedAt = this.parts.now();
    const stored = await this.parts.sessions.find(storageId);
    if (stored?.state.userId === userId) {
      const { state } = stored;
      return { storageId, sessionId: state.sessionId, window: state.messages, stored, openedAt };
    }
    if (stored || !isChosen) throw new AppError('NOT_FOUND', NO_SUCH_SESSION);
    return { storageId, sessionId, window: [], stored, openedAt };
  }

  /** Readies a session for its first turn, so that {@link append} has one write to wait for. */
  async begin({ storageId, sessionId, stored, openedAt }: OpenSession, { userId }: SessionOwner): Promise<void> {
    if (stored) return;
    await this.parts.sessions.point(storageId, { userId, sessionId, createdAt: openedAt.toISOString() });
  }

  /**
   * Adds a turn to a session that {@link begin} has readied, once however often it is called. Turns that end at the same time
   * are all kept. One that an earlier request made is not added where the session no longer reaches back to it.
   */
  async append(
    { storageId, sessionId, stored, openedAt }: OpenSession,
    turn: Turn,
    owner: SessionOwner,
  ): Promise<void> {
    const now = this.parts.now();
    const withTurn = (found: SessionState | null): SessionState => {
      const state = found ?? newState(sessionId, owner, openedAt);
      if (state.turns.includes(turn.id) || isForgotten(turn.id, state, openedAt)) return state;
      return {
        ...state,
        title: state.title ?? titleOf(turn.messages ?? []),
        updatedAt: now.toISOString(),
        turnCount: state.turnCount + 1,
        messages: turn.messages ? windowAfter(state.messages, turn.messages) : [],
        ...turnsWith(turn.id, state),
      };
    };
    await this.parts.sessions.update(storageId, withTurn, stored);
  }

  /** What was said in a recorded turn; null where its file has expired. */
  async turnOf({ artifacts }: HistoryRecord): Promise<readonly ChatTurn[] | null> {
    const { message } = artifacts;
    return message === undefined ? null : this.parts.sessions.turnAt(message);
  }

  /** A user's sessions, newest first. Throws BAD_USER_INPUT for a cursor that is none. */
  async list(
    userId: string,
    { first, after }: { first: number; after?: string | null },
  ): Promise<{ sessions: Session[]; hasNextPage: boolean }> {
    const ids = await this.parts.sessions.list(userId);
    const start = after == null ? 0 : ids.indexOf(after) + 1;
    if (after != null && start === 0) throw badInput('after', 'cursor', 'after must be a cursor of this list.');
    // Some may have been pointed to and never begun.
    const found: Session[] = [];
    for (let at = start; at < ids.length && found.length <= first;) {
      const next = ids.slice(at, at + first + 1 - found.length);
      at += next.length;
      const sessions = await Promise.all(next.map((id) => this.#byStorageId(id)));
      found.push(...sessions.flatMap((session) => session ?? []));
    }
    return { sessions: found.slice(0, first), hasNextPage: found.length > first };
  }

  /** Keys of the state, of the files of committed turns, oldest first, and of their records. */
  async keys(storageId: string): Promise<{ state: string; messages: string[]; records: string[] }> {
    const { sessions } = this.parts;
    const [files, stored] = await Promise.all([sessions.messageKeys(storageId), sessions.find(storageId)]);
    // What the state has is committed; only the records of what came before it are read.
    const known = new Set(stored?.state.turns.map((id) => fileOf(storageId, id)));
    const areCommitted = await Promise.all(files.map(async (file) => known.has(file) || this.#isCommitted(file)));
    const messages = files.filter((_file, at) => areCommitted[at]);
    return { state: stateKey(storageId), messages, records: messages.flatMap((file) => recordKeyOf(file) ?? []) };
  }

  #isCommitted(file: string): Promise<boolean> {
    return this.#reads.execute(async () => {
      if (this.#committed.get(file)) return true;
      const isCommitted = await this.parts.sessions.isCommitted(file);
      if (isCommitted) this.#committed.set(file, true);
      return isCommitted;
    });
  }

  async #byStorageId(storageId: string): Promise<Session | null> {
    const stored = await this.parts.sessions.find(storageId);
    return stored && { storageId, ...stored.state };
  }
}

function fileOf(storageId: string, turnId: string): string | null {
  const identity = identityOf(turnId);
  return identity && messageKey(storageId, identity);
}

/** The latest turns' ids, and the greatest of those that have left. */
function turnsWith(turnId: string, { turns, leftUpTo }: SessionState): Pick<SessionState, 'turns' | 'leftUpTo'> {
  const all = [...turns, turnId];
  const left = [...(leftUpTo === undefined ? [] : [leftUpTo]), ...all.slice(0, -WINDOW_SIZE)];
  const greatest = left.toSorted().at(-1);
  return { turns: all.slice(-WINDOW_SIZE), ...(greatest !== undefined && { leftUpTo: greatest }) };
}

/** Whether a turn was made before the session was opened for it, and may be one of those whose ids the session no longer has. */
function isForgotten(turnId: string, { turns, leftUpTo }: SessionState, openedAt: Date): boolean {
  const madeAt = identityOf(turnId)?.createdAt ?? openedAt;
  if (turns.length < WINDOW_SIZE || madeAt >= openedAt) return false;
  const [oldest = ''] = turns;
  return turnId < oldest || (leftUpTo !== undefined && turnId <= leftUpTo);
}

function newState(sessionId: string, { userId, username }: SessionOwner, at: Date): SessionState {
  const time = at.toISOString();
  const began = { sessionId, userId, username, title: null, createdAt: time, updatedAt: time };
  return { ...began, turnCount: 0, messages: [], turns: [] };
}
