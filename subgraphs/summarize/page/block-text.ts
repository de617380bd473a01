/** As much of a DOM node as reading its text takes. */
export interface TextNode {
  readonly nodeType: number;
  /** Lower-case tag; absent on texts. */
  readonly localName?: string;
  readonly nodeValue: string | null;
  readonly childNodes: Iterable<TextNode>;
}

const ELEMENT = 1;
const TEXT = 3;
const UNSEEN: ReadonlySet<string> = new Set(
  'head title script style noscript template svg math canvas iframe object embed audio video select textarea button dialog'.split(
    ' ',
  ),
);
const BLOCKS: ReadonlySet<string> = new Set(
  (
    'address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure footer form ' +
    'h1 h2 h3 h4 h5 h6 header hr html legend main menu nav ol p pre section summary table tbody tfoot thead ul'
  ).split(' '),
);

/**
 * The text of a node as a reader sees it: paragraphs apart by an empty line, list items and table rows on lines of their own.
 * A document's `textContent` would run them together, and its sentences with them.
 */
export function blockText(root: TextNode): string {
  const parts: string[] = [];
  collect(root, parts);
  return parts
    .join('')
    .replaceAll(/[^\S\n]+/g, ' ')
    .replaceAll(/ ?\n ?/g, '\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
}

function collect(node: TextNode, parts: string[]): void {
  if (node.nodeType === TEXT) parts.push((node.nodeValue ?? '').replaceAll(/\s+/g, ' '));
  if (node.nodeType !== ELEMENT) return;
  const name = node.localName ?? '';
  if (UNSEEN.has(name)) return;
  const [before, after] = edges(name);
  parts.push(before);
  for (const child of node.childNodes) collect(child, parts);
  parts.push(after);
}

function edges(name: string): readonly [string, string] {
  if (BLOCKS.has(name)) return ['\n\n', '\n\n'];
  if (name === 'br') return ['\n', ''];
  if (name === 'li') return ['\n- ', ''];
  if (name === 'tr') return ['\n', ''];
  if (name === 'td' || name === 'th') return [' ', ' '];
  return ['', ''];
}
