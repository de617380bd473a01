import { UniqueConstraintViolationException } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Role } from '#shared/context/viewer.js';
import { AppError } from '#shared/errors/app-error.js';
import { UserRow } from './entities/user.entity.js';
import type { Passwords } from './password.js';

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

/** Who has an account, and how one proves to be its owner. */
export class AccountService {
  constructor(
    private readonly em: EntityManager,
    private readonly passwords: Passwords,
  ) {}

  /** Throws CONFLICT when the address is taken, in whatever spelling. */
  async register({ email, password }: Credentials): Promise<UserRow> {
    const passwordHash = await this.passwords.hash(password);
    const user = this.em.create(UserRow, { email: normalized(email), passwordHash, role: 'user' } as never);
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
    return user;
  }

  /** Returns whether there is such an account. */
  async setRole(email: string, role: Role): Promise<boolean> {
    return (await this.em.nativeUpdate(UserRow, { email: normalized(email) }, { role })) > 0;
  }
}

function normalized(email: string): string {
  return email.trim().toLowerCase();
}
