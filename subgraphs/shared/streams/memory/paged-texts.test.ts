import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PagedTexts } from './paged-texts.js';

describe('PagedTexts', () => {
  it('gives each text as it was, halves of characters and empty ones too, and nothing after the last', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 9 }), { maxLength: 300 }), (whole) => {
        const texts = whole.flatMap((text) => [text.slice(0, 1), text.slice(1)]);
        const paged = new PagedTexts();
        for (const [at, text] of texts.entries()) {
          paged.push(text);
          expect(paged.at(at)).toBe(text);
        }
        expect(texts.map((_, at) => paged.at(at))).toEqual(texts);
        expect(paged.at(texts.length)).toBeUndefined();
        paged.clear();
        expect(paged.at(0)).toBeUndefined();
      }),
    );
  });
});
