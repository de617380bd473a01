import { v5 } from 'uuid';

/** What a client may call a session of its own. */
export const SESSION_ID = /^[A-Za-z0-9_-]{1,64}$/;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** Any UUID that nobody else names things under. It is part of where sessions lie: never change it. */
const CHOSEN_IDS = '7c74c16a-1f7d-48e4-850f-debfcdcef1b2';

/** Where a session lies, and whether a message may begin it. */
export interface SessionAddress {
  readonly storageId: string;
  /** The user chose the id, so that the session needs no creation. */
  readonly isChosen: boolean;
}

/**
 * A UUID is taken for one that we made. Any other id is private to its user: it stands for a UUID of version 5 (RFC 9562
 * §5.5) of user and id, so that two users' `demo` never meet and no key is built from a client's words. Null for what
 * cannot be an id.
 */
export function sessionAddress(userId: string, sessionId: string): SessionAddress | null {
  if (UUID.test(sessionId)) return { storageId: sessionId.toLowerCase(), isChosen: false };
  if (!SESSION_ID.test(sessionId)) return null;
  return { storageId: v5(`${userId}/${sessionId}`, CHOSEN_IDS), isChosen: true };
}
