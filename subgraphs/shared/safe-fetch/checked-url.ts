import { isIP } from 'node:net';
import { FetchRefused } from './fetch-refused.js';

const MAX_URL_LENGTH = 2_048;
/** Names that mean something inside a network only (RFC 6761, 6762, 8375, 9476 and custom); they are not even asked for. */
const INSIDE = /(?:^|\.)(?:localhost|local|localdomain|internal|intranet|private|corp|home|lan|home\.arpa|onion|alt)$/;

/**
 * The URL to ask for, without its fragment; a redirect's `Location` is read relative to the page it came from (`from`).
 * Throws FetchRefused for another scheme than http and https, credentials, names of inside networks, a step from https down to
 * http, and URLs over 2048 characters. Addresses and ports are checked where connections are made.
 */
export function checkedUrl(text: string, from?: URL): URL {
  if (!URL.canParse(text, from?.href)) throw new FetchRefused('not a URL');
  const url = new URL(text, from);
  url.hash = '';
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new FetchRefused(`the scheme ${url.protocol}`);
  if (from?.protocol === 'https:' && url.protocol === 'http:') throw refused(url, 'from https down to http');
  if (url.username !== '' || url.password !== '') throw refused(url, 'credentials in the URL');
  if (url.href.length > MAX_URL_LENGTH) throw refused(url, 'too long a URL');
  const name = url.hostname.replace(/\.$/, '');
  const isName = isIP(name) === 0 && !name.startsWith('[');
  if (isName && (!name.includes('.') || INSIDE.test(name))) throw refused(url, 'a name of an inside network');
  return url;
}

/** The URL as a log may have it. */
export function forLog({ origin, pathname }: URL): string {
  return `${origin}${pathname}`.slice(0, 300);
}

function refused(url: URL, reason: string): FetchRefused {
  return new FetchRefused(`${forLog(url)}: ${reason}`);
}
