import { Readability } from '@mozilla/readability';
import { parseHTML } from 'linkedom';
import { blockText, type TextNode } from './block-text.js';

/** A page of more is no article, and would take too long: the libraries are quadratic here and there. */
const MAX_ELEMENTS = 50_000;

/** Nothing of ours is compiled with the types of browsers. */
interface ParsedPage {
  readonly document: { readonly title: string; readonly documentElement: TextNode };
}

/**
 * The main text of a page, as a reading view would show it; all its visible text where no part of it stands out. No script of
 * it is run and nothing is loaded: the parser only builds a tree. Null for a page of too many elements; they are counted here
 * as Readability, which can do that too, does not see them in this DOM.
 */
export function htmlText(html: string): { title: string; text: string } | null {
  if (tagsIn(html) > MAX_ELEMENTS) return null;
  const parsed = parse(html);
  const article = new Readability<string>(parsed.document, {
    serializer: (node) => blockText(node),
  }).parse();
  const text = article?.content ?? '';
  // Readability works in its document, so whoever needs that whole parses anew.
  if (text !== '') return { title: article?.title ?? '', text };
  const { document } = parse(html);
  return { title: document.title, text: blockText(document.documentElement) };
}

/** Opening tags, some of which may turn out to be text. */
function tagsIn(html: string): number {
  return html.matchAll(/<[a-z]/gi).reduce((count) => count + 1, 0);
}

/** The parser wants a whole document, and browsers do not. */
function parse(html: string): ParsedPage {
  const isWhole = /<html[\s>]/i.test(html);
  return parseHTML(isWhole ? html : `<!doctype html><html><body>${html}</body></html>`);
}
