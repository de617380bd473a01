import type { StreamEnd, StreamEntry } from './stream-log.port.js';

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
  return entries.map(([id, [field, value = '']]) => {
    const seq = Number.parseInt(id, 10);
    if (field === 'end') return { seq, entry: { kind: 'end', end: { outcome: value } as StreamEnd } };
    const text = field === 'json' ? (JSON.parse(value) as string) : value;
    return { seq, entry: { kind: 'chunk', chunk: { seq, text } } };
  });
}
