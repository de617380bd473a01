import type { EntityManager } from '@mikro-orm/postgresql';
import { sessionSubject, userSubject, type Revocation, type RevocationPage } from '#shared/context/revocation.js';
import { CLOCK_TOLERANCE_SEC } from '#shared/context/token-verifier.js';
import { lastChangeOf, outdatedUntilSec } from './claims-change.js';
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

/** Which access tokens no longer hold: those of ended sessions, and those from before a change of role or a wish for stricter privacy. */
export class RevocationService {
  constructor(private readonly deps: RevocationDependencies) {}

  /** Revocations that were made since then, or all that can still matter. */
  async list(since: Date | null): Promise<RevocationPage> {
    const { em, now } = this.deps;
    const asOf = new Date(now().getTime() - OVERLAP_MS);
    const oldest = new Date(now().getTime() - this.#lifetimeMs());
    const from = since && since > oldest ? since : oldest;
    const sessions = await em.find(SessionRow, { revokedAt: { $gte: from } }, { fields: ['id', 'revokedAt'] });
    // A token that is stricter than its user wishes by now may be used up.
    const users = await em.find(
      UserRow,
      { $or: [{ roleChangedAt: { $gte: from } }, { promptStorage: 'hash', promptStorageChangedAt: { $gte: from } }] },
      { fields: ['id', 'roleChangedAt', 'promptStorageChangedAt'] },
    );
    const revocations = [
      ...sessions.map(({ id, revokedAt }) => this.#revocation(sessionSubject(id), revokedAt, null)),
      ...users.map((user) => {
        const changedAt = lastChangeOf(user);
        return this.#revocation(userSubject(user.id), changedAt, outdatedUntilSec(changedAt));
      }),
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
