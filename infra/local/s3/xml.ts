import { S3Error } from './s3-error.js';

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';
const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** An element with text, or with elements inside. */
export function element(name: string, content: string | readonly string[]): string {
  return `<${name}>${typeof content === 'string' ? escaped(content) : content.join('')}</${name}>`;
}

export function document(name: string, content: readonly string[]): string {
  return `${DECLARATION}<${name} xmlns="${NAMESPACE}">${content.join('')}</${name}>`;
}

/** S3's own error document has no namespace. */
export function errorDocument(code: string, message: string, requestId: string): string {
  const content = [element('Code', code), element('Message', message), element('RequestId', requestId)];
  return `${DECLARATION}<Error>${content.join('')}</Error>`;
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"'\u0000-\u001f\ufffe\uffff]/g, (char) => `&#${char.charCodeAt(0)};`);
}

export interface XmlElement {
  readonly name: string;
  readonly text: string;
  readonly children: readonly XmlElement[];
}

const TOKEN =
  /<\?[^>]*\?>|<!--[\s\S]*?-->|<(\/?)([A-Za-z][\w:.-]*)((?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/y;
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
const MAX_DEPTH = 16;

/**
 * Reads the small documents that clients send (objects to delete, tags, lifecycle rules): elements and text, no DTD.
 * Throws MalformedXML for anything else.
 */
export function parseXml(source: string): XmlElement {
  const root: Open = { name: '', text: '', children: [] };
  const open: Open[] = [root];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const match = TOKEN.exec(source);
    const current = open.at(-1);
    if (!match || !current) throw malformed();
    const [, closing, name, , selfClosing, text] = match;
    if (text !== undefined) current.text += unescaped(text);
    else if (name && closing) close(open, name);
    else if (name) {
      const child: Open = { name, text: '', children: [] };
      current.children.push(child);
      if (!selfClosing) open.push(child);
      if (open.length > MAX_DEPTH) throw malformed();
    }
  }
  const [top, ...others] = root.children;
  if (open.length !== 1 || !top || others.length > 0 || root.text.trim() !== '') throw malformed();
  return top;
}

/** The children of a name. */
export function all(parent: XmlElement, name: string): XmlElement[] {
  return parent.children.filter((child) => child.name === name);
}

/** The text of the first child of a name. */
export function textOf(parent: XmlElement, name: string): string | undefined {
  return all(parent, name)[0]?.text;
}

interface Open {
  name: string;
  text: string;
  children: Open[];
}

function close(open: Open[], name: string): void {
  if (open.length < 2 || open.pop()?.name !== name) throw malformed();
}

function unescaped(text: string): string {
  return text.replaceAll(/&(#x[0-9a-fA-F]{1,6}|#\d{1,7}|\w+);|&/g, (_whole, name: string | undefined) => {
    if (name === undefined) throw malformed();
    const code = name.startsWith('#x') ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    const char = name.startsWith('#') ? codePoint(code) : ENTITIES[name];
    if (char === undefined) throw malformed();
    return char;
  });
}

function codePoint(code: number): string | undefined {
  return code <= 0x10_ffff ? String.fromCodePoint(code) : undefined;
}

function malformed(): S3Error {
  return new S3Error('MalformedXML', 'The XML you provided was not well-formed or did not validate.');
}
