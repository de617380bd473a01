import { STRING_BYTES } from '../text-size.js';

const TEXTS_OF_A_PAGE = 64;
/** Of a text: where it ends, and its part of what a page costs apart from its characters. */
const TEXT_BYTES = 10;

interface Page {
  readonly text: string;
  /** Where each of its texts ends. */
  readonly ends: Uint32Array;
}

/** Texts in their order. A piece of an answer is often shorter than what a string costs, so each full page is one string. */
export class PagedTexts {
  /** What a list takes for the page that is not full, apart from characters. */
  static readonly baseBytes = TEXTS_OF_A_PAGE * STRING_BYTES;

  #pages: Page[] = [];
  #open: string[] = [];

  /** What a text takes in memory, in bytes, at most: two for each UTF-16 unit. */
  static bytesOf(text: string): number {
    return TEXT_BYTES + 2 * text.length;
  }

  push(text: string): void {
    if (this.#open.push(text) < TEXTS_OF_A_PAGE) return;
    let end = 0;
    const ends = Uint32Array.from(this.#open, ({ length }) => (end += length));
    this.#pages.push({ text: this.#open.join(''), ends });
    this.#open = [];
  }

  /** The text at an index from 0; undefined where there is none yet. */
  at(index: number): string | undefined {
    const page = this.#pages[Math.floor(index / TEXTS_OF_A_PAGE)];
    const within = index % TEXTS_OF_A_PAGE;
    if (!page) return this.#open[index - this.#pages.length * TEXTS_OF_A_PAGE];
    return page.text.slice(within === 0 ? 0 : page.ends[within - 1], page.ends[within]);
  }

  clear(): void {
    this.#pages = [];
    this.#open = [];
  }
}
