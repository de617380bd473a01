import 'reflect-metadata';
import { createLogger } from '#shared/logging/logger.js';
import { AccountService } from '../../subgraphs/auth/account.service.js';
import { openDatabase } from '../../subgraphs/auth/database.js';
import { createPasswords } from '../../subgraphs/auth/password.js';
import { parseArguments, reasonOf, runCommand, UsageError } from '../command-line.js';
import { getPlatform } from '../local/find-platform.js';
import { withDotEnv } from '../local/settings.js';

const USAGE = `npm run admin -- <email> [--revoke]

Makes a registered account an admin, or with --revoke a plain user again. Works on DATABASE_URL (from the environment or
.env), or on the platform that \`npm start\` runs from this folder.
`;

/** `npm run admin`: the only way to the first admin. */
await runCommand(async () => {
  const { values, positionals } = parseArguments({
    allowPositionals: true,
    options: { revoke: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return true;
  }
  const [email, ...rest] = positionals;
  if (email === undefined) throw new UsageError('The email of an account is missing');
  if (rest.length > 0) throw new UsageError(`One account at a time; there is more: ${rest.join(' ')}`);
  await setRole(email, values.revoke ? 'user' : 'admin');
  return true;
});

async function setRole(email: string, role: 'user' | 'admin'): Promise<void> {
  const orm = await open(await databaseUrl());
  try {
    const changed = await new AccountService(orm.em.fork(), await createPasswords(4)).setRole(email, role, new Date());
    if (!changed) throw new Error(`There is no account with the email ${email}.`);
  } finally {
    await orm.close();
  }
  process.stdout.write(
    `${email} is now ${role}; tokens that were issued before are refused within the revocation lag, and the next ones carry it.\n`,
  );
}

async function databaseUrl(): Promise<string> {
  const env = await withDotEnv(process.env);
  return env['DATABASE_URL'] || (await getPlatform(env, 'set DATABASE_URL')).running.databaseUrl;
}

async function open(url: string) {
  if (!/^postgres(?:ql)?:\/\//.test(url) || !URL.canParse(url)) {
    throw new Error('DATABASE_URL must be a URL such as postgresql://user:password@host:5432/database.');
  }
  try {
    return await openDatabase(url, createLogger({ level: 'silent', service: 'admin' }));
  } catch (error) {
    throw new Error(`The database at ${new URL(url).host} cannot be used: ${reasonOf(error)}`, { cause: error });
  }
}
