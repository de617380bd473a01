import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import sharp from 'sharp';
import { composeSvg } from './compose.js';
import * as words from './scene.words.js';

const { SETTINGS, ANIMALS, MOODS, FINISHES, SUN, MOON, RAIN, FOG, LIGHTHOUSE } = words;
const KNOWN = [SETTINGS, ANIMALS, MOODS, FINISHES, { SUN, MOON, RAIN, FOG, LIGHTHOUSE }]
  .flatMap((table): string[] => Object.values(table))
  .flatMap((list) => list.split(' '));

const order = fc.record({
  prompt: fc
    .array(fc.constantFrom(...KNOWN, ...Object.keys(words.COLOURS)), { maxLength: 5 })
    .map((list) => list.join(' ')),
  seed: fc.nat(),
  width: fc.constantFrom(64, 512, 2048),
  height: fc.constantFrom(64, 512, 2048),
});

/** Attributes that one tag has twice, which no XML may. */
function repeatedAttributes(svg: string): string[] {
  return [...svg.matchAll(/<\w+ [^>]*>/g)].flatMap(([tag]) => {
    const names = [...tag.matchAll(/ ([\w:-]+)="/g)].map(([, name]) => name);
    return new Set(names).size === names.length ? [] : [tag];
  });
}

describe('composeSvg', () => {
  it('is valid for whatever words meet: well formed, of finite numbers, and of a bounded size', () => {
    const property = fc.property(order, (asked) => {
      const svg = composeSvg(asked, 100_000);
      expect(repeatedAttributes(svg)).toEqual([]);
      expect(svg).not.toMatch(/NaN|undefined|Infinity|\de[+-]\d/);
      expect(svg.length).toBeLessThan(1_500_000);
    });
    fc.assert(property, { numRuns: 150 });
  });

  it('is a drawing to the renderer', async () => {
    const property = fc.asyncProperty(order, async (asked) => {
      const svg = Buffer.from(composeSvg(asked, 100_000));
      await expect(sharp(svg, { unlimited: true }).metadata()).resolves.toMatchObject({ format: 'svg' });
    });
    await fc.assert(property, { numRuns: 25 });
  }, 30_000);

  it('holds nothing of the prompt’s text', () => {
    const prompt = '</svg><script>alert("x")</script><image href="http://127.0.0.1/"/>';
    const svg = composeSvg({ prompt, style: prompt, seed: 1, width: 64, height: 64 }, 100_000);
    expect(svg).not.toMatch(/script|<image|href|127\.0\.0\.1/);
  });
});
