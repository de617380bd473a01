import { AppError } from '#shared/errors/app-error.js';
import { pauseAfterLoss } from '#shared/history/store/contention-pause.js';
import { createObject } from '#shared/history/store/create-object.js';
import { JSON_TYPE, jsonBytes, readJson } from '#shared/history/store/json-object.js';
import type { HistoryRecord } from '#shared/history/history.port.js';
import { identityOf } from '#shared/history/keys.js';
import { listAll, type ObjectStore } from '#shared/history/store/object-store.port.js';
import type { ChatTurn } from '#shared/llm/llm.port.js';

/** `state.json` of a session. */
export interface SessionState {
  /** As the client knows it; the storage id is in the key. */
  readonly sessionId: string;
  readonly userId: string;
  readonly username: string;
  readonly title: string | null;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly turnCount: number;
  /** The latest messages, oldest first. */
  readonly messages: readonly ChatTurn[];
  /** Ids of the latest turns, in the order in which they were added: a turn that is there is not added again. */
  readonly turns: readonly string[];
  /** The greatest id of the turns that `turns` no longer has; absent where none has left it since this is kept. */
  readonly leftUpTo?: string;
}

/** What is known of a session before anything is said in it. */
export type SessionBeginning = Pick<SessionState, 'sessionId' | 'userId' | 'createdAt'>;

/** A state as it was read, with its ETag. */
export interface StoredState {
  readonly state: SessionState;
  readonly etag: string;
}

/** What of `messages/{ts}-{id}.json` is read again. */
interface TurnFile {
  readonly messages: readonly ChatTurn[];
  readonly assistantMessage: ChatTurn;
}

interface SessionPointer {
  readonly storageId: string;
  readonly createdAt: string;
}

const MAX_ATTEMPTS = 30;
/** Characters of a UUID. */
const ID_LENGTH = 36;

export function messageKey(storageId: string, { id, createdAt }: { id: string; createdAt: Date }): string {
  return `${messagesPrefix(storageId)}${createdAt.toISOString().replaceAll(/[-:.]/g, '')}-${id}.json`;
}

export function stateKey(storageId: string): string {
  return `sessions/${storageId}/state.json`;
}

/** The sessions of all users in the service's bucket, by ids that `session-id.ts` made or checked. */
export class SessionStore {
  constructor(private readonly store: ObjectStore) {}

  async find(storageId: string): Promise<StoredState | null> {
    const found = await readJson(this.store, stateKey(storageId));
    return found && { state: found.value as SessionState, etag: found.etag };
  }

  /**
   * Makes a session that is about to begin findable in its user's list, where it shows once it has a state; harmless to do again.
   */
  async point(storageId: string, { userId, sessionId, createdAt }: SessionBeginning): Promise<void> {
    const key = `${pointersPrefix(userId)}${storageId}.json`;
    await createObject(this.store, key, jsonBytes({ sessionId, createdAt }), { contentType: JSON_TYPE });
  }

  /**
   * Writes what `change` makes of the state; asks it again when another write came between. `lately` is what {@link find} gave
   * before and spares reading it anew when it still holds. A session that has no state must have been {@link point}ed to.
   * Throws SERVICE_UNAVAILABLE when others keep winning, or the store is away.
   */
  async update(
    storageId: string,
    change: (state: SessionState | null) => SessionState,
    lately?: StoredState | null,
  ): Promise<SessionState> {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const found = attempt === 1 && lately !== undefined ? lately : await this.find(storageId);
      const before = found && found.state;
      const after = change(before);
      if (after === before) return after;
      const condition = found ? { ifMatch: found.etag } : { create: true };
      const options = { contentType: JSON_TYPE, ...condition };
      if (await this.store.put(stateKey(storageId), jsonBytes(after), options)) return after;
      await pauseAfterLoss(attempt);
    }
    throw new AppError('SERVICE_UNAVAILABLE', 'The chat session is too busy.');
  }

  /** Storage ids of a user's sessions, newest first. */
  async list(userId: string): Promise<string[]> {
    const prefix = pointersPrefix(userId);
    const keys: string[] = [];
    for await (const key of listAll(this.store, prefix)) keys.push(key);
    const pointers = await Promise.all(keys.map((key) => this.#pointer(key, prefix)));
    return pointers.toSorted(newestFirst).map(({ storageId }) => storageId);
  }

  /** Keys of the turns' files, oldest first. */
  async messageKeys(storageId: string): Promise<string[]> {
    const keys: string[] = [];
    for await (const key of listAll(this.store, messagesPrefix(storageId))) keys.push(key);
    return keys;
  }

  /**
   * Whether a turn's file is part of a committed record. Others are what is left of requests that died, or that were taken for
   * dead.
   */
  async isCommitted(file: string): Promise<boolean> {
    const record = recordKeyOf(file);
    const found = record === null ? null : await this.store.get(record);
    return found !== null && messageOf(found.bytes) === file;
  }

  /** The messages of a turn's file; null where there is none. */
  async turnAt(key: string): Promise<readonly ChatTurn[] | null> {
    const found = await readJson(this.store, key);
    if (!found) return null;
    const { messages, assistantMessage } = found.value as TurnFile;
    return [...messages, assistantMessage];
  }

  /** Ids that we made say when; only the pointers of others are read. */
  async #pointer(key: string, prefix: string): Promise<SessionPointer> {
    const storageId = key.slice(prefix.length, -'.json'.length);
    const madeAt = identityOf(storageId)?.createdAt.toISOString();
    if (madeAt !== undefined) return { storageId, createdAt: madeAt };
    const found = await readJson(this.store, key);
    return { storageId, createdAt: found ? (found.value as SessionPointer).createdAt : '' };
  }
}

/** The record of the turn that a file is of; null for a file that is none of ours. */
export function recordKeyOf(file: string): string | null {
  const id = file.slice(-'.json'.length - ID_LENGTH, -'.json'.length);
  const identity = identityOf(id);
  return identity && `${identity.base}record.json`;
}

/** The turn's file that a record names; undefined where it names none, or is damaged. */
function messageOf(record: Uint8Array): unknown {
  try {
    return (JSON.parse(Buffer.from(record).toString('utf8')) as Partial<HistoryRecord>).artifacts?.['message'];
  } catch {
    return undefined;
  }
}

function messagesPrefix(storageId: string): string {
  return `sessions/${storageId}/messages/`;
}

function pointersPrefix(userId: string): string {
  return `users/${userId}/chat/sessions/`;
}

function newestFirst(a: SessionPointer, b: SessionPointer): number {
  const [left, right] = [`${a.createdAt}/${a.storageId}`, `${b.createdAt}/${b.storageId}`];
  return left < right ? 1 : -1;
}
