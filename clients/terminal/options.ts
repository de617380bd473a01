import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Env } from '#shared/config/load-config.js';
import { findRunning } from '../../infra/local/running-file.js';
import type { Words } from './words.js';

export interface ChatOptions {
  /** Where the platform is, without a slash at its end. */
  readonly url: string;
  readonly email: string | undefined;
  readonly password: string | undefined;
  /** A conversation to go on with. */
  readonly sessionId: string | null;
  readonly model: string | undefined;
  /** Where refresh tokens are kept. */
  readonly tokenFile: string;
}

/** What is wrong with how the client was started, in words for who started it. */
export class UsageError extends Error {}

/** Null where help was asked for. Throws UsageError. */
export async function chatOptions(args: readonly string[], env: Env, words: Words): Promise<ChatOptions | null> {
  const { help, ...values } = parsed(args);
  if (help) return null;
  const url = values.url ?? (env['CHAT_URL'] || (await findRunning(env['DATA_DIR'] || '.data'))?.url);
  if (!url) throw new UsageError(words.noPlatform);
  if (!/^https?:\/\/[^/]/.test(url) || !URL.canParse(url)) throw new UsageError(words.badUrl(url));
  return {
    url: url.replace(/\/+$/, ''),
    email: values.email?.trim().toLowerCase(),
    password: env['CHAT_PASSWORD'] || undefined,
    sessionId: values.session ?? null,
    model: values.model,
    tokenFile: join(env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'llm-supergraph', 'chat.json'),
  };
}

function parsed(args: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: { url: text, email: text, session: text, model: text, help: { type: 'boolean', short: 'h' } },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
