import { decodeText } from './decode-text.js';
import { mediaKindOf, type MediaKind } from './media-kind.js';

/** Characters; about a long novel. */
export const MAX_PAGE_TEXT = 1_000_000;
const MAX_TITLE = 300;

export interface PageBytes {
  readonly bytes: Uint8Array;
  readonly contentType: string | null;
}

/** What is in a page: its text, or why there is none to work with. */
export type Reading =
  | { readonly kind: 'text'; readonly text: string; readonly title: string | null }
  | { readonly kind: 'unreadable'; readonly why: 'type' | 'broken' | 'empty' | 'long' };

/** Reads the main text of a document. Hostile ones may take long, or much memory: see {@link PageReader}. */
export async function readPage({ bytes, contentType }: PageBytes): Promise<Reading> {
  const kind = mediaKindOf(contentType, bytes);
  if (kind === null) return { kind: 'unreadable', why: 'type' };
  try {
    const found = await contentOf(kind, { bytes, contentType });
    if (found === null || found.text.length > MAX_PAGE_TEXT) return { kind: 'unreadable', why: 'long' };
    const text = found.text.replaceAll('\u0000', '').trim();
    if (!/[\p{L}\p{N}]/u.test(text)) return { kind: 'unreadable', why: 'empty' };
    const title = found.title.replaceAll(/\s+/g, ' ').trim().slice(0, MAX_TITLE).toWellFormed();
    return { kind: 'text', text, title: title === '' ? null : title };
  } catch {
    return { kind: 'unreadable', why: 'broken' };
  }
}

/** Parsers are loaded where they are needed: each takes a tenth of a second, and memory. */
async function contentOf(
  kind: MediaKind,
  { bytes, contentType }: PageBytes,
): Promise<{ title: string; text: string } | null> {
  if (kind === 'pdf') {
    const { pdfText } = await import('./pdf-text.js');
    return pdfText(bytes, MAX_PAGE_TEXT);
  }
  const text = decodeText(bytes, contentType);
  if (kind === 'plain') return { title: '', text };
  const { htmlText } = await import('./html-text.js');
  return htmlText(text);
}
