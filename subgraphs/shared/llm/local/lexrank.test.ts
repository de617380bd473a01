import { describe, expect, it } from '@jest/globals';
import { lexRank } from './lexrank.js';

const never = new AbortController().signal;
const indexOfHighest = (scores: readonly number[]): number => scores.indexOf(Math.max(...scores));

describe('lexRank', () => {
  it('ranks the sentence highest that the most others resemble', async () => {
    const { scores } = await lexRank(
      [
        'Bananas ripen quickly in summer.',
        'The glacier in the northern valley melts faster every year.',
        'The glacier melts because summers grow warmer.',
        'Scientists measured the glacier in the northern valley.',
        'A violin has four strings.',
      ],
      never,
    );
    expect(indexOfHighest(scores)).toBe(1);
    expect(scores[4]).toBe(Math.min(...scores));
  });

  it('gives a distribution: the scores sum to one where all sentences have something in common', async () => {
    const { scores } = await lexRank(['cats chase mice', 'mice fear cats', 'cats and mice never agree'], never);
    expect(scores.reduce((sum, score) => sum + score, 0)).toBeCloseTo(1, 5);
  });

  it('measures similarity from 0 to 1, the same in both directions', async () => {
    const { similarity } = await lexRank(['red house', 'red house', 'green tree'], never);
    expect(similarity(0, 1)).toBeCloseTo(1, 5);
    expect(similarity(0, 2)).toBe(0);
    expect(similarity(2, 1)).toBe(similarity(1, 2));
  });

  it('sees through inflection and accents, and past words that mean nothing', async () => {
    const { similarity, words } = await lexRank(['las montañas nevadas', 'una montana nevada', 'the of and'], never);
    expect(similarity(0, 1)).toBeGreaterThan(0.9);
    expect(words).toEqual([2, 2, 0]);
  });

  it.each([[[]], [['one']], [['', '']]])('copes with %j', async (sentences) => {
    const { scores } = await lexRank(sentences, never);
    expect(scores).toHaveLength(sentences.length);
    for (const score of scores) expect(Number.isFinite(score)).toBe(true);
  });

  it('ends when it is aborted', async () => {
    await expect(lexRank(['one'], AbortSignal.abort())).rejects.toMatchObject({ code: 'CLIENT_CLOSED_REQUEST' });
  });
});
