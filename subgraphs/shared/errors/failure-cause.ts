/** Codes of Node and undici for a connection that was refused, lost or never came about. */
const LOST = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_SOCKET',
]);

/** Those of them that say that there never was a connection. */
const NEVER_MADE = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Whether an error, or one that caused it, is that of a lost connection. */
export function isLostConnection(error: unknown): boolean {
  return hasCode(error, LOST);
}

/** Whether nothing can have been sent, as there was no connection to send it on. */
export function wasNeverSent(error: unknown): boolean {
  return hasCode(error, NEVER_MADE);
}

/**
 * The names and codes of an error and its causes, as an error for the log. Their words are left out: a provider's may repeat the
 * prompt, and the SDK's errors carry the whole request.
 */
export function namesOnly(error: unknown, said: string[] = []): Error {
  const names = causes(error).map(({ name, code }) =>
    typeof code === 'string' ? `${String(name)} ${code}` : String(name),
  );
  return new Error([...said, ...new Set(names)].join(', ').slice(0, 300));
}

function hasCode(error: unknown, codes: ReadonlySet<string>): boolean {
  return causes(error).some(({ code }) => typeof code === 'string' && codes.has(code));
}

interface Link {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly cause?: unknown;
}

const LONGEST_CHAIN = 8;

function causes(error: unknown): Link[] {
  const chain: Link[] = [];
  for (let link = error; isLink(link) && chain.length < LONGEST_CHAIN; link = link.cause) chain.push(link);
  return chain;
}

function isLink(value: unknown): value is Link {
  return typeof value === 'object' && value !== null;
}
