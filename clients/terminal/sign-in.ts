import { UsageError } from '../../infra/command-line.js';
import { Account, type AccountParts, type Credentials } from './account.js';
import { ApiError } from './graphql-api.js';
import { CannotBegin, type ChatOptions } from './options.js';
import type { Terminal } from './terminal.js';
import type { Words } from './words.js';

export interface SignInParts extends AccountParts {
  readonly options: Pick<ChatOptions, 'email' | 'password' | 'register'>;
  readonly terminal: Terminal;
  readonly words: Words;
}

/** Null when the person leaves instead. Throws UsageError and CannotBegin where nobody is there to be asked. */
export async function signIn(parts: SignInParts): Promise<Account | null> {
  const kept = await parts.tokens.find(parts.api.url);
  if (kept && (parts.options.email ?? kept.email) === kept.email) {
    const account = await unlessRefused(Account.resume(parts, kept));
    if (account) return account;
  }
  const email = parts.options.email ?? kept?.email ?? (await asked(parts, parts.words.email, parts.words.noEmail));
  return email ? byPassword(email.trim().toLowerCase(), parts) : null;
}

async function byPassword(email: string, parts: SignInParts): Promise<Account | null> {
  const { options, terminal, words } = parts;
  if (!options.password && !terminal.isInteractive) throw new UsageError(words.noPassword);
  const password = options.password ?? (await terminal.askSecret(words.password(email)));
  if (!password) return null;
  const account = await unlessRefused(Account.login(parts, { email, password }));
  if (account) return account;
  if (!terminal.isInteractive && !options.register) throw new CannotBegin(words.noAccount(email));
  const registered = await registration({ email, password }, parts);
  if (registered !== 'known') return registered;
  if (options.password) throw new CannotBegin(words.wrongPassword);
  terminal.note(words.wrongPassword);
  return byPassword(email, parts);
}

/** The platform does not say whether an email has an account before somebody tries to register it. */
async function registration(credentials: Credentials, parts: SignInParts): Promise<Account | null | 'known'> {
  const { terminal, words, options } = parts;
  const { email } = credentials;
  if (!options.register) {
    const answer = await terminal.ask(words.register(email));
    if (answer === null) return null;
    if (!words.yes.test(answer.trim())) return 'known';
  }
  try {
    const account = await Account.register(parts, credentials);
    terminal.note(words.registered(email));
    return account;
  } catch (error) {
    if (error instanceof ApiError && error.code === 'CONFLICT') return 'known';
    throw error;
  }
}

async function unlessRefused(account: Promise<Account>): Promise<Account | null> {
  try {
    return await account;
  } catch (error) {
    if (error instanceof ApiError && error.code === 'UNAUTHENTICATED') return null;
    throw error;
  }
}

async function asked({ terminal }: SignInParts, prompt: string, otherwise: string): Promise<string | null> {
  if (!terminal.isInteractive) throw new UsageError(otherwise);
  return terminal.ask(prompt);
}
