import { getDocumentProxy } from 'unpdf';

export const MAX_PDF_PAGES = 500;

/** Nothing is loaded from anywhere, drawn or evaluated; only text is looked for. */
const OPTIONS = {
  verbosity: 0,
  isEvalSupported: false,
  disableFontFace: true,
  useSystemFonts: false,
  useWorkerFetch: false,
  useWasm: false,
  enableXfa: false,
  stopAtErrors: false,
};

/**
 * The text of a PDF in the order in which its pages hold it; null when it has more than 500 pages. A scan has none.
 * Throws what the parser throws for what is broken or needs a password.
 */
export async function pdfText(bytes: Uint8Array, maxChars: number): Promise<{ title: string; text: string } | null> {
  const document = await getDocumentProxy(Uint8Array.from(bytes), OPTIONS);
  if (document.numPages > MAX_PDF_PAGES) return null;
  const { info } = (await document.getMetadata()) as { info: { Title?: unknown } };
  let text = '';
  for (let number = 1; number <= document.numPages && text.length <= maxChars; number += 1) {
    const page = await document.getPage(number);
    const { items } = await page.getTextContent();
    for (const item of items) if ('str' in item) text += item.hasEOL ? `${item.str}\n` : item.str;
    text += '\n';
    page.cleanup();
  }
  return { title: typeof info.Title === 'string' ? info.Title : '', text: unwrapped(text) };
}

/** Words that were parted at the end of a line, whole again. */
function unwrapped(text: string): string {
  return text.replaceAll(/(\p{Ll})[-\u00ad]\n(?=\p{Ll})/gu, '$1').trim();
}
