import type { DocumentNode } from 'graphql';

/** Of all documents together; what is made of them takes some hundred times as much memory. */
const MAX_CHARS = 128 * 1024;

/** Documents that were found valid, by their text, so that they are read and validated once. The one not used for longest goes first. */
export class ValidDocuments {
  readonly #documents = new Map<string, DocumentNode>();
  #chars = 0;

  find(text: string): DocumentNode | undefined {
    const document = this.#documents.get(text);
    if (document) {
      this.#documents.delete(text);
      this.#documents.set(text, document);
    }
    return document;
  }

  /** One that is not among them yet. */
  add(text: string, document: DocumentNode): void {
    this.#documents.set(text, document);
    this.#chars += text.length;
    for (const oldest of this.#documents.keys()) {
      if (this.#chars <= MAX_CHARS) break;
      this.#documents.delete(oldest);
      this.#chars -= oldest.length;
    }
  }
}
