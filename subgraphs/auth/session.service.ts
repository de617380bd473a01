import { createHash, randomBytes } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import { AppError } from '#shared/errors/app-error.js';
import type { UserViewer } from '#shared/context/viewer.js';
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
  readonly signAccessToken: (user: Omit<UserViewer, 'kind'>) => string;
  readonly refreshTtlMs: number;
  readonly now: () => Date;
}

const REFRESH_TOKEN_BYTES = 32;

/** Sign-in sessions: one row each, its refresh token replaced at every use. */
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
   * Trades a refresh token for the next pair. One conditional UPDATE decides, so of parallel callers one wins.
   * Throws UNAUTHENTICATED when the token is unknown, used, revoked or expired.
   */
  async refresh(refreshToken: string): Promise<Tokens> {
    const { em, now } = this.deps;
    const next = newRefreshToken();
    const [rotated] = await em.getConnection().execute<{ id: string; user_id: string }[]>(
      `update sessions set refresh_token_hash = ?, last_used_at = ?, expires_at = ?
       where refresh_token_hash = ? and revoked_at is null and expires_at > ? returning id, user_id`,
      [hashOf(next), now(), this.#expiry(), hashOf(refreshToken), now()],
    );
    const user = rotated && (await em.findOne(UserRow, { id: rotated.user_id }));
    if (!user) throw new AppError('UNAUTHENTICATED', 'The refresh token is not valid or has expired.');
    return { accessToken: this.#accessToken(user, rotated.id), refreshToken: next };
  }

  /** Ends a session; one that has ended already stays as it is. */
  async revoke(sessionId: string): Promise<void> {
    const { em, now } = this.deps;
    await em.nativeUpdate(SessionRow, { id: sessionId, revokedAt: null }, { revokedAt: now() });
  }

  #accessToken({ id, email, role }: UserRow, sessionId: string): string {
    return this.deps.signAccessToken({ id, email, role, sessionId });
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
