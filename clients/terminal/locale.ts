import type { Env } from '#shared/config/load-config.js';
import { ENGLISH } from './english.words.js';
import { SPANISH } from './spanish.words.js';
import type { Words } from './words.js';

/** Spanish where the locale says so, English everywhere else. Of several variables the one that POSIX puts first counts. */
export function wordsFor(env: Env): Words {
  const locale = env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'] || '';
  return /^es(?:_|\.|@|-|$)/i.test(locale) ? SPANISH : ENGLISH;
}
