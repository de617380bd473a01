export interface Caller {
  readonly origin: string | undefined;
  /** The host that was asked for, as the client names it. */
  readonly host: string;
}

/**
 * Whether a WebSocket may be opened from there. Browsers ask no server before they open one (there is no CORS for it), but
 * say by `Origin` which page wants it (RFC 6455 §10.2); who sends none is not a browser.
 */
export function isOriginAllowed({ origin, host }: Caller, allowed: readonly string[]): boolean {
  if (origin === undefined || allowed.includes(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}
