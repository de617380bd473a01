import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { sentencesOf, wordsOf } from './sentences.js';

const never = new AbortController().signal;

const lettersOf = (text: string): string => text.normalize('NFC').replaceAll(/[^\p{L}]/gu, '');

describe('sentencesOf', () => {
  it.each([
    ['English', 'It rains. We stay! Do we?', ['It rains.', 'We stay!', 'Do we?']],
    ['Spanish', '¿Llueve? Nos quedamos. ¡Bien!', ['¿Llueve?', 'Nos quedamos.', '¡Bien!']],
    ['Japanese', '雨が降る。家にいる。', ['雨が降る。', '家にいる。']],
    ['Arabic', 'هل تمطر؟ نعم.', ['هل تمطر؟', 'نعم.']],
    ['Hindi', 'बारिश हो रही है। हम घर पर हैं।', ['बारिश हो रही है।', 'हम घर पर हैं।']],
  ])('parts a text in %s', async (_language, text, expected) => {
    expect(await sentencesOf(text, never)).toEqual(expected);
  });

  it.each([
    'Dr. Smith met Mr. Jones at No. 5.',
    'La Sra. Pérez vive en la Av. Arequipa.',
    'J. S. Bach wrote it.',
    'The U.S. economy grew by 3.5 percent.',
  ])('does not end a sentence at an abbreviation: %s', async (text) => {
    expect(await sentencesOf(text, never)).toEqual([text]);
  });

  it('joins lines that were only wrapped, and keeps the lines of a list apart without their marks', async () => {
    const text = 'A line that\ngoes on.\n\n- first point\n* second point\n3) third point';
    expect(await sentencesOf(text, never)).toEqual([
      'A line that goes on.',
      'first point',
      'second point',
      'third point',
    ]);
  });

  it('counts headings only where there is nothing else', async () => {
    expect(await sentencesOf('# Title\nBody.', never)).toEqual(['Body.']);
    expect(await sentencesOf('# Title', never)).toEqual(['Title']);
  });

  it('cuts what never ends, and tears no character', async () => {
    for (const piece of await sentencesOf('😀'.repeat(2_000) + 'a'.repeat(2_000), never)) {
      expect(piece.length).toBeLessThanOrEqual(900);
      expect(piece.isWellFormed()).toBe(true);
    }
  });

  it('loses no letter of any text', async () => {
    const property = fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 200 }), async (text) => {
      const found = await sentencesOf(`body ${text}`, never);
      expect(lettersOf(found.join(''))).toBe(lettersOf(`body ${text}`));
    });
    await fc.assert(property, { numRuns: 200 });
  });

  it('ends when it is aborted', async () => {
    const text = 'A short sentence. '.repeat(20_000);
    await expect(sentencesOf(text, AbortSignal.abort())).rejects.toMatchObject({ code: 'CLIENT_CLOSED_REQUEST' });
  });
});

describe('wordsOf', () => {
  it('finds words in scripts with and without spaces, in lower case', () => {
    expect(wordsOf('El Niño, 3 veces!')).toEqual(['el', 'niño', '3', 'veces']);
    expect(wordsOf('東京は首都')).toEqual(expect.arrayContaining(['東京', '首都']));
  });
});
