import { Client, type Dispatcher } from 'undici';
import { createCheckedConnect } from './checked-connect.js';
import { checkedUrl, forLog } from './checked-url.js';
import { FetchRefused, reasonOf } from './fetch-refused.js';
import { PUBLIC_WEB, type Network } from './network.js';
import { ACCEPT_ENCODING, readBody } from './read-body.js';

export interface FetchLimits {
  /** Of the body, decoded. */
  readonly maxBytes: number;
  readonly maxRedirects: number;
  /** For all hops together. */
  readonly timeoutMs: number;
  readonly maxHeaderBytes: number;
}

export interface FetchedPage {
  /** Where it was found, after redirects. */
  readonly url: string;
  readonly contentType: string | null;
  readonly bytes: Uint8Array;
}

export const FETCH_LIMITS: FetchLimits = {
  maxBytes: 5 * 1024 * 1024,
  maxRedirects: 5,
  timeoutMs: 15_000,
  maxHeaderBytes: 16 * 1024,
};

/** All that a page's server hears of us, apart from its own name and the connection's. */
const HEADERS = {
  'user-agent': 'llm-supergraph',
  accept: 'text/html, application/xhtml+xml, application/pdf, text/plain, text/*;q=0.8',
  'accept-encoding': ACCEPT_ENCODING,
};

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const WITH_BODY: ReadonlySet<number> = new Set([200, 203]);

type Answer = { readonly location: string } | { readonly page: FetchedPage };

/**
 * Fetches pages whose addresses come from users (server-side request forgery: CWE-918), from the public web alone.
 * Each hop is checked anew and has a connection of its own; nothing of the caller's request is sent along.
 */
export class SafeFetch {
  readonly #network: Network;
  readonly #limits: FetchLimits;

  constructor({ network = PUBLIC_WEB, limits = {} }: { network?: Network; limits?: Partial<FetchLimits> } = {}) {
    this.#network = network;
    this.#limits = { ...FETCH_LIMITS, ...limits };
  }

  /**
   * The page at a URL. Throws FetchRefused for anything else than a whole page within the limits, and nothing else:
   * callers are not to tell users more than that.
   */
  async get(address: string, signal: AbortSignal): Promise<FetchedPage> {
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(this.#limits.timeoutMs)]);
    let url = checkedUrl(address);
    for (let hop = 0; hop <= this.#limits.maxRedirects; hop += 1) {
      const answer = await this.#ask(url, deadline);
      if ('page' in answer) return answer.page;
      url = checkedUrl(answer.location, url);
    }
    throw new FetchRefused(`${forLog(url)}: more than ${this.#limits.maxRedirects} redirects`);
  }

  async #ask(url: URL, signal: AbortSignal): Promise<Answer> {
    const client = new Client(url.origin, {
      connect: createCheckedConnect(this.#network, signal),
      allowH2: false,
      maxHeaderSize: this.#limits.maxHeaderBytes,
      maxResponseSize: this.#limits.maxBytes,
      // The deadline covers them.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    try {
      const path = `${url.pathname}${url.search}`;
      const reply = await client.request({ path, method: 'GET', headers: HEADERS, signal });
      // A body that is not read breaks with its connection, and nobody needs to hear of it.
      reply.body.on('error', () => undefined);
      return await this.#answerOf(url, reply, signal);
    } catch (error) {
      throw new FetchRefused(`${forLog(url)}: ${reasonOf(error)}`);
    } finally {
      await client.destroy();
    }
  }

  async #answerOf(
    url: URL,
    { statusCode, headers, body }: Dispatcher.ResponseData,
    signal: AbortSignal,
  ): Promise<Answer> {
    const location = only(headers['location']);
    if (REDIRECTS.has(statusCode) && location !== null) return { location };
    if (!WITH_BODY.has(statusCode)) throw new FetchRefused(`status ${statusCode}`);
    const { maxBytes } = this.#limits;
    if (Number(only(headers['content-length'])) > maxBytes) throw new FetchRefused(`more than ${maxBytes} bytes`);
    const encoding = [headers['content-encoding'] ?? ''].flat().join(',');
    const bytes = await readBody(body, { encoding, maxBytes, signal });
    return { page: { url: url.href, contentType: only(headers['content-type']), bytes } };
  }
}

/** A header that may come once; of several the first counts. */
function only(header: string | string[] | undefined): string | null {
  return [header ?? []].flat()[0] ?? null;
}
