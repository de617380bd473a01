import { AppError, badInput } from '#shared/errors/app-error.js';
import { abortError } from '#shared/llm/cancellation.js';
import { FETCH_LIMITS, type FetchedPage, type SafeFetch } from '#shared/safe-fetch/safe-fetch.js';
import type { PageReader } from '../page/page-reader.js';
import { MAX_PAGE_TEXT, type Reading } from '../page/read-page.js';
import { sourceText, type SourceText } from './source-text.js';

export interface PageSourceParts {
  readonly fetcher: SafeFetch;
  readonly reader: PageReader;
}

const MEBIBYTE = 1024 * 1024;
/** One for all: whoever asks must not learn whether a name, an address or a port inside our network is there. */
const UNREACHABLE =
  'The page could not be fetched. It must be on the public web, at port 80 or 443 and without a password, and answer with status 200 ' +
  `within ${FETCH_LIMITS.timeoutMs / 1000} seconds, ${FETCH_LIMITS.maxRedirects} redirects and ${FETCH_LIMITS.maxBytes / MEBIBYTE} MiB.`;

type Unreadable = Extract<Reading, { kind: 'unreadable' }>['why'];

/** Of pages that were fetched, and so are public. */
const UNREADABLE: Readonly<Record<Unreadable, readonly [rule: string, message: string]>> = {
  type: ['contentType', 'The page is neither HTML nor plain text nor a PDF.'],
  broken: ['readable', 'The page could not be read: it is damaged, locked or too complex.'],
  empty: ['hasText', 'There is no text on the page. What only its scripts show, or a picture, cannot be read.'],
  long: [
    'maxLength',
    `The page is longer than can be read: ${MAX_PAGE_TEXT} characters of text, or 500 pages of a PDF.`,
  ],
};

/** The main texts of pages on the web. */
export class PageSource {
  constructor(private readonly parts: PageSourceParts) {}

  /**
   * Throws BAD_USER_INPUT about `input.url`, with one wording for all reasons not to have fetched it (the log has the reason);
   * SERVICE_UNAVAILABLE when too many pages are being read; and why the signal was aborted.
   */
  async read(url: string, signal: AbortSignal): Promise<SourceText> {
    const page = await this.#fetch(url, signal);
    const reading = await this.#readingOf(page, signal);
    if (reading.kind === 'unreadable') {
      const [rule, message] = UNREADABLE[reading.why];
      throw badInput('input.url', rule, message);
    }
    const { text, title } = reading;
    const { contentType, bytes } = page;
    return sourceText(text, {
      url: page.url,
      ...(title !== null && { title }),
      ...(contentType !== null && { contentType: contentType.slice(0, 100) }),
      bytes: bytes.length,
    });
  }

  async #fetch(url: string, signal: AbortSignal): Promise<FetchedPage> {
    try {
      return await this.parts.fetcher.get(url, signal);
    } catch (cause) {
      // A deadline is one more reason not to have fetched it.
      const left = signal.aborted ? abortError(signal) : null;
      throw left && left.fault !== 'timeout' ? left : unreachable(cause);
    }
  }

  async #readingOf(page: FetchedPage, signal: AbortSignal): Promise<Reading> {
    try {
      return await this.parts.reader.read(page, signal);
    } catch (error) {
      throw signal.aborted ? abortError(signal) : error;
    }
  }
}

function unreachable(cause: unknown): AppError {
  const issues = [{ path: 'input.url', rule: 'reachable', message: UNREACHABLE }];
  return new AppError('BAD_USER_INPUT', UNREACHABLE, { issues, cause });
}
