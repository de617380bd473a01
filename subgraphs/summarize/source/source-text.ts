import { createHash } from 'node:crypto';

/** What `record.meta.source` says of a text that did not come with the request. */
export interface SourceFacts {
  /** Where the page was found in the end. */
  readonly url?: string;
  readonly title?: string;
  readonly contentType?: string;
  /** The file of the history. */
  readonly s3Key?: string;
  /** Of the page or the file, before its text was taken out. */
  readonly bytes: number;
  /** Of the text that was summarized, which is not kept. */
  readonly characters: number;
  /** `sha256:` and 64 hex digits, of the text's UTF-8 bytes. */
  readonly textHash: string;
}

export interface SourceText {
  readonly text: string;
  readonly facts: SourceFacts;
}

export function sourceText(text: string, facts: Omit<SourceFacts, 'characters' | 'textHash'>): SourceText {
  const textHash = `sha256:${createHash('sha256').update(text).digest('hex')}`;
  return { text, facts: { ...facts, characters: text.length, textHash } };
}

/** The facts without what people wrote: an address and a title tell what somebody asked for. */
export function withoutWords({ url: _url, title: _title, ...facts }: SourceFacts): SourceFacts {
  return facts;
}
