import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { createLogger } from '#shared/logging/logger.js';
import { AccountService } from '../../subgraphs/auth/account.service.js';
import { openDatabase } from '../../subgraphs/auth/database.js';
import { createPasswords } from '../../subgraphs/auth/password.js';
import { findRunning } from '../local/running-file.js';

const USAGE = `npm run admin -- <email> [--revoke]

Makes a registered account an admin, or with --revoke a plain user again. Works on DATABASE_URL, or on the platform
that \`npm start\` runs from this folder.`;

/** `npm run admin`: the only way to the first admin. */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { revoke: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
});
const [email] = positionals;
const databaseUrl = process.env['DATABASE_URL'] ?? (await findRunning(process.env['DATA_DIR'] ?? '.data'))?.databaseUrl;

if (values.help || !email) fail(USAGE);
if (!databaseUrl) fail('There is no DATABASE_URL, and no platform runs on .data; start it first.');
const orm = await openDatabase(databaseUrl, createLogger({ level: 'error', service: 'admin' }));
try {
  const role = values.revoke ? 'user' : 'admin';
  const changed = await new AccountService(orm.em.fork(), await createPasswords(4)).setRole(email, role, new Date());
  if (!changed) fail(`There is no account with the email ${email}.`);
  process.stdout.write(
    `${email} is now ${role}; tokens that were issued before are refused within the revocation lag, and the next ones carry it.\n`,
  );
} finally {
  await orm.close();
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
