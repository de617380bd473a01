import { createLogger } from '#shared/logging/logger.js';
import type { Role } from '#shared/context/viewer.js';
import { AccountService } from '../../subgraphs/auth/account.service.js';
import { openDatabase } from '../../subgraphs/auth/database.js';
import { createPasswords } from '../../subgraphs/auth/password.js';

/** Changes a role as `npm run admin` does. */
export async function setRole(databaseUrl: string, email: string, role: Role): Promise<void> {
  const orm = await openDatabase(databaseUrl, createLogger({ level: 'silent', service: 'admin' }));
  try {
    const accounts = new AccountService(orm.em.fork(), await createPasswords(4));
    if (!(await accounts.setRole(email, role, new Date()))) throw new Error(`There is no account ${email}.`);
  } finally {
    await orm.close();
  }
}
