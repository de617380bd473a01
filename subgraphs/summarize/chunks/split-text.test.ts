import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { splitText } from './split-text.js';
import { thirdsOf } from './token-budget.js';

const never = new AbortController().signal;
const segmenter = new Intl.Segmenter(undefined, { granularity: 'sentence' });

/** Texts as people write them, and as nobody does. */
const anyText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'The lamp burns. ',
        '¿Quién la enciende? ',
        '灯台は岬に立つ。',
        'Nobody!\n\n',
        ' ',
        '\r\n',
        '👩‍🚀 ',
        'é',
      ),
      fc.string({ unit: 'grapheme', maxLength: 60 }),
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.nat({ max: 300 }).map((length) => 'x'.repeat(length)),
    ),
    { minLength: 1, maxLength: 60 },
  )
  .map((parts) => parts.join(''));
const anyLimit = fc.integer({ min: 2, max: 200 });

describe('splitText', () => {
  it('gives pieces within the limit which joined are the text, cut only where sentences end or are too long', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, anyLimit, async (text, maxTokens) => {
        const pieces = await splitText(text, maxTokens, never);
        expect(pieces.join('')).toBe(text);
        const sentences = [...segmenter.segment(text)];
        let cut = 0;
        for (const [at, piece] of pieces.entries()) {
          expect(thirdsOf(piece)).toBeLessThanOrEqual(maxTokens * 3);
          expect(at === 0 || piece !== '').toBe(true);
          // No character is torn that was whole.
          expect(!text.isWellFormed() || piece.isWellFormed()).toBe(true);
          if (at > 0 && !sentences.some(({ index }) => index === cut)) {
            const torn = sentences.findLast(({ index }) => index < cut)?.segment ?? '';
            expect(thirdsOf(torn)).toBeGreaterThan(maxTokens * 3);
          }
          cut += piece.length;
        }
      }),
      { numRuns: 500 },
    );
  });

  it('leaves alone what fits', async () => {
    expect(await splitText('One. Two.', 3, never)).toEqual(['One. Two.']);
    expect(await splitText('', 3, never)).toEqual(['']);
  });

  it('makes pieces of about the same size', async () => {
    const pieces = await splitText('Ten chars. '.repeat(1_010), 1_000, never);
    const sizes = pieces.map(({ length }) => length);
    expect(pieces).toHaveLength(4);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThan(100);
  });

  it('cuts a sentence that is too long at white space', async () => {
    const pieces = await splitText('many words without an end '.repeat(100), 50, never);
    for (const piece of pieces) expect(piece).toMatch(/^\S.* $/);
  });

  it('lets other work run meanwhile, and ends when the call is aborted', async () => {
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 0);
    await splitText('One sentence. '.repeat(70_000), 1_000, never);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(3);
    const gone = AbortSignal.abort(new Error('the client left'));
    await expect(splitText('One sentence. '.repeat(70_000), 1_000, gone)).rejects.toMatchObject({
      code: 'CLIENT_CLOSED_REQUEST',
    });
  });
});
