import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import type { SummaryLength } from '../llm.port.js';
import { LocalSummaryModel } from './local-summary.provider.js';
import { sentencesOf } from './sentences.js';

const never = new AbortController().signal;
const model = new LocalSummaryModel();
const textOf = async (text: string, length: SummaryLength, style?: string): Promise<string> =>
  (await model.summarize({ text, length, ...(style !== undefined && { style }) }, { signal: never })).text;

const STORIES = await Promise.all(
  ['don-quijote.es.txt', 'moby-dick.en.txt'].map((name) =>
    readFile(new URL(`../../../../tests/fixtures/${name}`, import.meta.url), 'utf8'),
  ),
);
const JAPANESE =
  '東京は日本の首都である。東京には多くの企業の本社がある。寿司は有名だ。東京の鉄道網は世界で最も発達している。';

describe('a summary by the local provider', () => {
  it.each([...STORIES, JAPANESE])('is made of whole sentences of the text, in their order (case %#)', async (text) => {
    const sentences = await sentencesOf(text, never);
    for (const length of ['short', 'med', 'long'] as const) {
      const lines = (await textOf(text, length, 'bullet')).split('\n');
      const places = lines.map((line) => sentences.indexOf(line.replace(/^- /, '')));
      expect(places).not.toContain(-1);
      expect(places).toEqual(places.toSorted((a, b) => a - b));
      expect(new Set(places).size).toBe(places.length);
    }
  });

  it('is longer the more it may say, and never more than half of the text’s sentences', async () => {
    const text = STORIES.join('\n\n');
    const counts = await Promise.all(
      (['short', 'med', 'long'] as const).map(
        async (length) => (await textOf(text, length, 'bullet')).split('\n').length,
      ),
    );
    expect(counts).toEqual([3, 6, 12]);
    expect((await textOf('One. Two. Three. Four.', 'long', 'bullet')).split('\n')).toHaveLength(2);
  });

  it('is prose where no bullets are asked for', async () => {
    const prose = await textOf(STORIES[1]!, 'short');
    expect(prose).not.toMatch(/\n|^- /);
    expect((await textOf(STORIES[1]!, 'short', 'bullet')).replaceAll(/^- /gm, '').replaceAll('\n', ' ')).toBe(prose);
  });

  it('leaves out what is beside the point', async () => {
    const text = [
      'The new bridge over the river opens on Monday.',
      'My cousin likes cheese.',
      'The bridge over the river will carry ten thousand cars a day.',
      'Engineers tested the bridge over the river for a year.',
    ].join(' ');
    expect(await textOf(text, 'short', 'bullet')).not.toContain('cheese');
  });

  it('says what was said many times once', async () => {
    expect(await textOf('Buy now. '.repeat(5_000), 'long')).toBe('Buy now.');
  });

  it.each([
    ['Explica fiebre amarilla en 5 bullets', /^«Explica .*» es una petición.*sin conexión/],
    ['¿Qué es la fiebre amarilla?', /es una petición/],
    ['Write a poem about rain', /^“Write .*” is a request.*offline/],
    ['what is yellow fever', /is a request/],
  ])('of "%s" says that it is a request, in its language', async (text, expected) => {
    expect((await textOf(text, 'short')).replaceAll('\n', ' ')).toMatch(expected);
    expect((await textOf(text, 'short', 'bullet')).split('\n')).toHaveLength(3);
  });

  it.each([
    'How it rained! The river rose.',
    'Como llueve, el río crece. La gente huye.',
    'A lighthouse stands by the sea.',
  ])('of "%s" is of the text: not all that begins like a request is one', async (text) => {
    expect(text).toContain(await textOf(text, 'short'));
  });

  it.each(['¡¡¡', '…', '👍'])('of "%s", which has no words, is the text itself', async (text) => {
    expect(await textOf(text, 'short')).toBe(text);
  });

  it('says who made it, that its tokens are estimated and that it was free', async () => {
    const { text: _text, ...provenance } = await model.summarize(
      { text: 'One. Two.', length: 'med' },
      { signal: never },
    );
    expect(provenance).toEqual({
      finishReason: 'stop',
      provider: 'local',
      model: 'lexrank-extractive',
      tokens: { in: 3, out: 1, estimated: true },
      costUsd: 0,
    });
  });

  it('lets other work run while it ranks a long text, and ends when it is aborted', async () => {
    const client = new AbortController();
    const text = Array.from({ length: 3_000 }, (_, at) => `Sentence ${at} speaks of item ${at % 7}.`).join(' ');
    const summary = model.summarize({ text, length: 'short' }, { signal: client.signal });
    // This runs only if the summary yields before it is done.
    setImmediate(() => client.abort());
    await expect(summary).rejects.toMatchObject({ code: 'CLIENT_CLOSED_REQUEST' });
  });
});
