/** A page was not fetched, for whatever reason; the reason is for the log alone, and holds neither credentials nor a query. */
export class FetchRefused extends Error {
  override readonly name = 'FetchRefused';
}

/** The reason in what a library threw; never the error itself, as those of parsers and sockets carry what was sent. */
export function reasonOf(error: unknown): string {
  if (error instanceof FetchRefused) return error.message;
  const { name, code, message } = error as { name?: unknown; code?: unknown; message?: unknown };
  const parts = [name, code, message].filter((part) => typeof part === 'string' && part !== '');
  return parts.join(': ').slice(0, 200) || 'unknown';
}
