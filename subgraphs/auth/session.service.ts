import { createHash, randomBytes } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import { validate as isUuid } from 'uuid';
import { AppError } from '#shared/errors/app-error.js';
import type { Logger } from '#shared/logging/logger.js';
import type { UserViewer } from '#shared/context/viewer.js';
import { lastChangeOf, outdatedUntilSec } from './claims-change.js';
import { SessionRow } from './entities/session.entity.js';
import { UserRow } from './entities/user.entity.js';

export interface Device {
  readonly userAgent: string | null;
  readonly ip: string | null;
}

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

export interface SessionDependencies {
  readonly em: EntityManager;
  readonly signAccessToken: (user: Omit<UserViewer, 'kind'>, afterSec: number) => string;
  readonly refreshTtlMs: number;
  readonly now: () => Date;
  readonly log: Logger;
}

const REFRESH_TOKEN_BYTES = 32;
const MAX_LISTED = 100;

/** Sign-in sessions: one row is a family of refresh tokens, of which one is alive and the used ones are remembered. */
export class SessionService {
  constructor(private readonly deps: SessionDependencies) {}

  async open(user: UserRow, device: Device): Promise<Tokens> {
    const { em, now } = this.deps;
    const refreshToken = newRefreshToken();
    const session = em.create(SessionRow, {
      userId: user.id,
      refreshTokenHash: hashOf(refreshToken),
      userAgent: device.userAgent,
      ip: device.ip,
      createdAt: now(),
      lastUsedAt: now(),
      expiresAt: this.#expiry(),
      revokedAt: null,
    } as never);
    await em.persist(session).flush();
    return { accessToken: this.#accessToken(user, session.id), refreshToken };
  }

  /**
   * Trades a refresh token for the next pair. One statement decides, so of parallel callers at most one wins. A token
   * that was used before means that two hold it, and one of them stole it: its whole family ends (RFC 9700 §4.14.2), and
   * stays ended although this call fails. Throws UNAUTHENTICATED when the token is unknown, used, revoked or expired.
   */
  async refresh(refreshToken: string, device: Device): Promise<Tokens> {
    const { em, now } = this.deps;
    const next = newRefreshToken();
    const used = hashOf(refreshToken);
    const [rotated] = await em.getConnection().execute<{ id: string; user_id: string }[]>(
      `with rotated as (
         update sessions set refresh_token_hash = ?, last_used_at = ?, expires_at = ?, user_agent = ?, ip = ?
         where refresh_token_hash = ? and revoked_at is null and expires_at > ? returning id, user_id
       ), remembered as (
         insert into used_refresh_tokens (token_hash, session_id, used_at) select ?, id, ? from rotated
       )
       select id, user_id from rotated`,
      [hashOf(next), now(), this.#expiry(), device.userAgent, device.ip, used, now(), used, now()],
    );
    const user = rotated && (await em.findOne(UserRow, { id: rotated.user_id }));
    if (user) return { accessToken: this.#accessToken(user, rotated.id), refreshToken: next };
    await this.#endFamilyOf(used);
    throw new AppError('UNAUTHENTICATED', 'The refresh token is not valid or has expired.');
  }

  /** A user's live sessions, the one used last first. */
  async list(userId: string): Promise<SessionRow[]> {
    const { em, now } = this.deps;
    const live = { userId, revokedAt: null, expiresAt: { $gt: now() } };
    return em.find(SessionRow, live, { orderBy: { lastUsedAt: 'desc', id: 'asc' }, limit: MAX_LISTED });
  }

  /** Ends a session of the user; one that has ended already stays as it is. Throws NOT_FOUND for anybody else's. */
  async revoke(sessionId: string, userId: string): Promise<void> {
    const { em, now } = this.deps;
    const session = isUuid(sessionId) && (await em.findOne(SessionRow, { id: sessionId, userId }));
    if (!session) throw new AppError('NOT_FOUND', 'No such session.');
    await em.nativeUpdate(SessionRow, { id: sessionId, revokedAt: null }, { revokedAt: now() });
  }

  /** Ends every live session of the user, and returns how many there were. */
  async revokeAll(userId: string): Promise<number> {
    const { em, now } = this.deps;
    const live = { userId, revokedAt: null, expiresAt: { $gt: now() } };
    return em.nativeUpdate(SessionRow, live, { revokedAt: now() });
  }

  async #endFamilyOf(usedTokenHash: string): Promise<void> {
    const { em, now, log } = this.deps;
    const ended = await em.getConnection().execute<{ id: string }[]>(
      `update sessions set revoked_at = ? from used_refresh_tokens used
       where used.token_hash = ? and sessions.id = used.session_id and sessions.revoked_at is null returning sessions.id`,
      [now(), usedTokenHash],
    );
    for (const { id } of ended) log.warn({ sessionId: id }, 'a used refresh token came back: its session was ended');
  }

  #accessToken(user: UserRow, sessionId: string): string {
    const { id, email, role, promptStorage } = user;
    return this.deps.signAccessToken(
      { id, email, role, promptStorage, sessionId },
      outdatedUntilSec(lastChangeOf(user)),
    );
  }

  #expiry(): Date {
    return new Date(this.deps.now().getTime() + this.deps.refreshTtlMs);
  }
}

function newRefreshToken(): string {
  return randomBytes(REFRESH_TOKEN_BYTES).toString('base64url');
}

function hashOf(refreshToken: string): string {
  return createHash('sha256').update(refreshToken).digest('hex');
}
