import { createHash } from 'node:crypto';

/**
 * Access tokens that no longer hold although they have not expired. Whose they are is told by hash alone, so that the list
 * gives nothing away to who may read it but has no token.
 */
export interface Revocation {
  /** See {@link sessionSubject} and {@link userSubject}. */
  readonly subject: string;
  /** Seconds since the epoch, inclusive: tokens issued until then are meant; null for all, whenever issued. */
  readonly issuedUntilSec: number | null;
  /** Milliseconds since the epoch from when no token that is meant can be alive. */
  readonly expiresAtMs: number;
}

export interface RevocationPage {
  /** Pass it on as `since` to get what came after. Pages overlap a little; repeated entries are the same. */
  readonly asOf: string;
  readonly revocations: readonly Revocation[];
}

/** Reads revocations since a page's `asOf`, or all that still matter. Throws when it cannot. */
export type RevocationSource = (since: string | null) => Promise<RevocationPage>;

/** What of a verified access token decides whether it was revoked. */
export interface IssuedToken {
  readonly userId: string;
  readonly sessionId: string;
  readonly issuedAtSec: number;
}

export interface RevocationCheck {
  /** Throws UNAUTHENTICATED for a revoked token, SERVICE_UNAVAILABLE when nobody has been able to tell for too long. */
  assertLive(token: IssuedToken): void;
}

export function sessionSubject(sessionId: string): string {
  return hashOf(`session:${sessionId}`);
}

export function userSubject(userId: string): string {
  return hashOf(`user:${userId}`);
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
