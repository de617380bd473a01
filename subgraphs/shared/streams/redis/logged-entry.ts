import type { StreamEnd, StreamEntry } from '../stream-log.port.js';

/** An entry and its number in the log, which the end has too. */
export interface LoggedEntry {
  readonly seq: number;
  readonly entry: StreamEntry;
}

/** As Redis has it: id, then fields and values in turn. */
export type RawEntry = [id: string, fields: string[]];

/** Redis keeps UTF-8, which has no halves of characters; a text that begins or ends with one is kept as JSON. */
export function fieldsOf(text: string): [field: string, value: string] {
  return text.isWellFormed() ? ['text', text] : ['json', JSON.stringify(text)];
}

export function entriesOf(entries: readonly RawEntry[]): LoggedEntry[] {
  return entries.map(([id, [field = '', value = '']]) => entryOf(Number.parseInt(id, 10), field, value));
}

/** From what is published of an entry: its number, field and value, with a space after the first two. */
export function publishedEntry(message: string): LoggedEntry {
  const fieldAt = message.indexOf(' ') + 1;
  const valueAt = message.indexOf(' ', fieldAt) + 1;
  return entryOf(Number.parseInt(message, 10), message.slice(fieldAt, valueAt - 1), message.slice(valueAt));
}

function entryOf(seq: number, field: string, value: string): LoggedEntry {
  if (field === 'end') return { seq, entry: { kind: 'end', end: { outcome: value } as StreamEnd } };
  const text = field === 'json' ? (JSON.parse(value) as string) : value;
  return { seq, entry: { kind: 'chunk', chunk: { seq, text } } };
}
