export type MediaKind = 'html' | 'plain' | 'pdf';

/** Where a PDF's mark may stand (ISO 32000-1 Annex H, implementation note 13). */
const PDF_MARK_WITHIN = 1_024;
const HTML_TYPES = /^(?:text\/html|application\/xhtml\+xml)$/;
/** Types that servers send when they do not know; what it is then shows in the bytes. */
const UNKNOWN_TYPES = /^(?:|application\/octet-stream|binary\/octet-stream|application\/x-download)$/;
const HTML_START = /^\s*(?:<!--[\s\S]{0,500}?-->\s*)?<(?:!doctype html|html|head|body)\b/i;

/** What a document is, by its declared type and first bytes; null for what nobody can read text from. */
export function mediaKindOf(contentType: string | null, bytes: Uint8Array): MediaKind | null {
  const type = (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  const start = Buffer.from(bytes.subarray(0, PDF_MARK_WITHIN)).toString('latin1');
  const isPdf = start.includes('%PDF-');
  if (type === 'application/pdf') return 'pdf';
  if (isPdf && UNKNOWN_TYPES.test(type)) return 'pdf';
  if (HTML_TYPES.test(type)) return 'html';
  if (type.startsWith('text/')) return 'plain';
  return UNKNOWN_TYPES.test(type) && HTML_START.test(start) ? 'html' : null;
}
