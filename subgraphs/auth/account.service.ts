import { UniqueConstraintViolationException } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { PromptStorage } from '#shared/context/prompt-storage.js';
import type { Role } from '#shared/context/viewer.js';
import { AppError } from '#shared/errors/app-error.js';
import { timeOfChange } from './claims-change.js';
import { UserRow } from './entities/user.entity.js';
import type { Passwords } from './password.js';

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

/** An address stays known to an account for so long after its last use there. */
const FAMILIAR_MS = 90 * 86_400_000;

/** Who has an account, and how one proves to be its owner. */
export class AccountService {
  constructor(
    private readonly em: EntityManager,
    private readonly passwords: Passwords,
  ) {}

  /** Throws CONFLICT when the address is taken, in whatever spelling. */
  async register({ email, password }: Credentials): Promise<UserRow> {
    const passwordHash = await this.passwords.hash(password);
    const account = { email: normalized(email), passwordHash, role: 'user', promptStorage: 'plain' };
    const user = this.em.create(UserRow, account as never);
    try {
      await this.em.persist(user).flush();
    } catch (cause) {
      if (cause instanceof UniqueConstraintViolationException) {
        throw new AppError('CONFLICT', 'An account with this email exists already.', { cause });
      }
      throw cause;
    }
    return user;
  }

  /** Throws UNAUTHENTICATED, the same for a wrong password as for an unknown address, after the same work. */
  async authenticate({ email, password }: Credentials): Promise<UserRow> {
    const user = await this.em.findOne(UserRow, { email: normalized(email) }, { populate: ['passwordHash'] });
    const matches = await this.passwords.matches(password, user?.passwordHash ?? null);
    if (!user || !matches) throw new AppError('UNAUTHENTICATED', 'The email or the password is wrong.');
    // Comparing passwords takes a while: what the token will say is read anew.
    await this.em.refresh(user);
    return user;
  }

  /**
   * Who tries to sign in, as attempts are counted: `knownAddress` is where the account has been signed in lately, null for
   * anywhere else. As much work for an account that does not exist.
   */
  async attemptAt(
    email: string,
    ip: string | null,
    now: Date,
  ): Promise<{ account: string; knownAddress: string | null }> {
    const account = normalized(email);
    if (ip === null) return { account, knownAddress: null };
    const [known] = await this.em.execute<{ id: string }[]>(
      `select s.id from sessions s join users u on u.id = s.user_id
       where u.email = ? and s.ip = ?::inet and s.last_used_at > ? limit 1`,
      [account, ip, new Date(now.getTime() - FAMILIAR_MS)],
    );
    return { account, knownAddress: known ? ip : null };
  }

  /** Tokens that carry the old role end with the change. Returns whether there is such an account. */
  async setRole(email: string, role: Role, now: Date): Promise<boolean> {
    const account = { email: normalized(email) };
    await this.em.nativeUpdate(
      UserRow,
      { ...account, role: { $ne: role } },
      { role, roleChangedAt: timeOfChange(now) },
    );
    return (await this.em.count(UserRow, account)) > 0;
  }

  /** Tokens from before a stricter wish end with it. Returns the account as it is then; throws UNAUTHENTICATED where there is none. */
  async setPromptStorage(id: string, promptStorage: PromptStorage, now: Date): Promise<UserRow> {
    const changed = { promptStorage, promptStorageChangedAt: timeOfChange(now) };
    await this.em.nativeUpdate(UserRow, { id, promptStorage: { $ne: promptStorage } }, changed);
    const user = await this.em.findOne(UserRow, { id }, { refresh: true });
    if (!user) throw accountGone();
    return user;
  }
}

export function accountGone(): AppError {
  return new AppError('UNAUTHENTICATED', 'This account no longer exists.');
}

/** PostgreSQL takes no text with a zero byte; nobody has such an address either. */
function normalized(email: string): string {
  return email.trim().toLowerCase().replaceAll('\u0000', '\ufffd');
}
