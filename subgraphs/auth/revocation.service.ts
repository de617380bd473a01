import type { EntityManager } from '@mikro-orm/postgresql';
import { sessionSubject, userSubject, type Revocation, type RevocationPage } from '#shared/context/revocation.js';
import { CLOCK_TOLERANCE_SEC } from '#shared/context/token-verifier.js';
import { SessionRow } from './entities/session.entity.js';
import { UserRow } from './entities/user.entity.js';

export interface RevocationDependencies {
  readonly em: EntityManager;
  /** How long an access token lives. */
  readonly accessTtlMs: number;
  readonly now: () => Date;
}

/** Changes become visible when they commit, by the clock of whichever replica made them: pages look back this much. */
const OVERLAP_MS = 10_000;

/** Which access tokens no longer hold: those of ended sessions, and those that carry a role from before it changed. */
export class RevocationService {
  constructor(private readonly deps: RevocationDependencies) {}

  /** Revocations that were made since then, or all that can still matter. */
  async list(since: Date | null): Promise<RevocationPage> {
    const { em, now } = this.deps;
    const asOf = new Date(now().getTime() - OVERLAP_MS);
    const oldest = new Date(now().getTime() - this.#lifetimeMs());
    const from = since && since > oldest ? since : oldest;
    const sessions = await em.find(SessionRow, { revokedAt: { $gte: from } }, { fields: ['id', 'revokedAt'] });
    const users = await em.find(UserRow, { roleChangedAt: { $gte: from } }, { fields: ['id', 'roleChangedAt'] });
    const revocations = [
      ...sessions.map(({ id, revokedAt }) => this.#revocation(sessionSubject(id), revokedAt, null)),
      ...users.map(({ id, roleChangedAt }) =>
        this.#revocation(userSubject(id), roleChangedAt, Math.floor((roleChangedAt?.getTime() ?? 0) / 1000)),
      ),
    ];
    return { asOf: asOf.toISOString(), revocations };
  }

  #revocation(subject: string, at: Date | null, issuedUntilSec: number | null): Revocation {
    return { subject, issuedUntilSec, expiresAtMs: (at?.getTime() ?? 0) + this.#lifetimeMs() };
  }

  #lifetimeMs(): number {
    return this.deps.accessTtlMs + 2 * CLOCK_TOLERANCE_SEC * 1000;
  }
}
