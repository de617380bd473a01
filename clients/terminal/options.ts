import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Env } from '#shared/config/load-config.js';
import { parseArguments, UsageError } from '../../infra/command-line.js';
import { findPlatform } from '../../infra/local/find-platform.js';
import { withDotEnv } from '../../infra/local/settings.js';
import type { Words } from './words.js';

export interface ChatOptions {
  /** Where the platform is, without a slash at its end. */
  readonly url: string;
  readonly email: string | undefined;
  readonly password: string | undefined;
  /** Whether to create an account that is not there, without asking. */
  readonly register: boolean;
  /** A conversation to go on with. */
  readonly sessionId: string | null;
  readonly model: string | undefined;
  /** Where refresh tokens are kept. */
  readonly tokenFile: string;
}

/** The conversation cannot begin; the message says why, in the person's language. */
export class CannotBegin extends Error {}

/** Null where help was asked for. Throws UsageError and CannotBegin. */
export async function chatOptions(args: readonly string[], given: Env, words: Words): Promise<ChatOptions | null> {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArguments({
    args: [...args],
    options: { url: text, email: text, session: text, model: text, register: flag, help: { ...flag, short: 'h' } },
  });
  if (values.help) return null;
  const env = await withDotEnv(given);
  const url = values.url ?? (env['PLATFORM_URL'] || (await urlOfPlatform(env, words)));
  if (!/^https?:\/\/[^/]/.test(url) || !URL.canParse(url)) throw new UsageError(words.badUrl(url));
  return {
    url: url.replace(/\/+$/, ''),
    email: values.email?.trim().toLowerCase(),
    password: env['CHAT_PASSWORD'] || undefined,
    register: values.register,
    sessionId: values.session ?? null,
    model: values.model,
    tokenFile: join(env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'llm-supergraph', 'chat.json'),
  };
}

async function urlOfPlatform(env: Env, words: Words): Promise<string> {
  const found = await findPlatform(env);
  if (found.state === 'running') return found.running.url;
  throw new CannotBegin(words.noPlatform[found.state](found.dataDir));
}
