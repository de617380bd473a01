import { describe, expect, it } from '@jest/globals';
import { PageReader } from '../../subgraphs/summarize/page/page-reader.js';
import { MAX_PAGE_TEXT, type Reading } from '../../subgraphs/summarize/page/read-page.js';
import { pdfOf } from './pdf-file.js';

const never = new AbortController().signal;
const reader = new PageReader({ timeoutMs: 40_000 });

const read = (content: string | Buffer, contentType: string | null, by = reader): Promise<Reading> =>
  by.read({ bytes: Buffer.from(content), contentType }, never);
const unreadable = (why: string) => ({ kind: 'unreadable', why });

async function textOf(content: string | Buffer, contentType: string | null): Promise<string> {
  const reading = await read(content, contentType);
  return reading.kind === 'text' ? reading.text : `unreadable: ${reading.why}`;
}

const PARAGRAPH = 'The lighthouse keeper lights the lamp every evening, and ships far out at sea steer by it. ';

describe('PageReader', () => {
  it('takes the main text of a page and its title, and leaves out what stands around it', async () => {
    const html = `<!doctype html><html><head><title>The lamp &amp; the sea</title><style>p { color: red }</style>
      <script>document.title = 'Hacked'; document.write('<p>Written by a script.</p>')</script></head>
      <body><header><nav><ul><li><a href="/">Home</a></li><li><a href="/shop">Shop</a></li></ul></nav></header>
      <aside>Buy our newest boots.</aside>
      <article><h1>The lamp</h1><p>${PARAGRAPH.repeat(6)}</p><p>${PARAGRAPH.repeat(6)}<br>Second line.</p>
      <ul><li>one thing</li><li>another thing</li></ul><script>alert('x')</script><noscript>No script.</noscript></article>
      <footer>All rights reserved.</footer></body></html>`;
    const reading = await read(html, 'text/html; charset=utf-8');
    if (reading.kind !== 'text') throw new Error(reading.why);
    expect(reading.title).toBe('The lamp & the sea');
    expect(reading.text).toContain(PARAGRAPH.repeat(6).trim());
    expect(reading.text).toContain('steer by it.\nSecond line.');
    expect(reading.text).toContain('- one thing\n- another thing');
    expect(reading.text).not.toMatch(/Home|boots|rights|Written|alert|No script|color|Hacked/);
  });

  it('keeps paragraphs apart, so that sentences do not run together', async () => {
    expect(await textOf('<html><body><p>One thing.</p><p>Another <b>thi</b>ng.</p></body></html>', 'text/html')).toBe(
      'One thing.\n\nAnother thing.',
    );
  });

  it.each([
    ['a fragment', '<p>Only this.', 'text/html', 'Only this.'],
    ['bare words', 'Only this &amp; that', 'text/html', 'Only this & that'],
    [
      'XHTML',
      '<html xmlns="http://www.w3.org/1999/xhtml"><body><p>Only this.</p></body></html>',
      'application/xhtml+xml',
      'Only this.',
    ],
    ['a page without a type', '<!DOCTYPE html><html><body><p>Only this.</p></body></html>', null, 'Only this.'],
    ['a page as bytes', '<html><body><p>Only this.</p></body></html>', 'application/octet-stream', 'Only this.'],
    ['plain text', 'Only <b>this</b>.\n', 'text/plain', 'Only <b>this</b>.'],
    ['markdown', '# Only\n\n*this*', 'text/markdown', '# Only\n\n*this*'],
  ])('reads %s', async (_case, content, contentType, expected) => {
    expect(await textOf(content, contentType)).toBe(expected);
  });

  it.each<[string, string, string]>([
    ['nothing', '', 'text/html'],
    ['white space', ' \n\t ', 'text/plain'],
    ['punctuation', '*** --- ***', 'text/plain'],
    [
      'scripts alone',
      '<html><body><script>document.write("Hello")</script><noscript>Please</noscript></body></html>',
      'text/html',
    ],
    [
      'an empty application',
      '<html><head><title>App</title></head><body><div id="root"></div></body></html>',
      'text/html',
    ],
    ['a frame', '<html><body><iframe src="https://example.com">Hello</iframe></body></html>', 'text/html'],
  ])('says that a page of %s is empty', async (_case, content, contentType) => {
    expect(await read(content, contentType)).toEqual(unreadable('empty'));
  });

  it.each([
    ['image/png', '\u0089PNG'],
    ['application/zip', 'PK'],
    ['application/json', '{"a":1}'],
    ['video/mp4', 'x'],
    ['application/octet-stream', 'MZ'],
    [null, 'whatever'],
    ['nonsense', '<html>'],
  ])('does not take %s for text', async (contentType, content) => {
    expect(await read(content, contentType)).toEqual(unreadable('type'));
  });

  it('reads a PDF: its title, its pages in order, words whole that a line had parted', async () => {
    const pdf = pdfOf([['The lamp burns every eve-', 'ning for the ships.'], ['Second page.']], { title: 'The  lamp' });
    const expected = {
      kind: 'text',
      title: 'The lamp',
      text: 'The lamp burns every evening for the ships.\nSecond page.',
    };
    expect(await read(pdf, 'application/pdf')).toEqual(expected);
    expect(await read(pdf, 'application/octet-stream')).toEqual(expected);
  });

  it.each<[string, Buffer, string]>([
    ['that is cut off', pdfOf([['x']]).subarray(0, 300), 'broken'],
    ['of garbage', Buffer.from(`%PDF-1.7\n${'garbage '.repeat(500)}`), 'broken'],
    ['that is none', Buffer.from('hello'), 'broken'],
    ['that is empty', Buffer.alloc(0), 'broken'],
    ['without text, as a scan', pdfOf([[]]), 'empty'],
    ['of 501 pages', pdfOf(Array.from({ length: 501 }, () => ['x'])), 'long'],
  ])('says what is wrong with a PDF %s', async (_case, bytes, why) => {
    expect(await read(bytes, 'application/pdf')).toEqual(unreadable(why));
  });

  it('takes the longest text that it allows, and no longer one', async () => {
    expect(await textOf('x'.repeat(MAX_PAGE_TEXT), 'text/plain')).toHaveLength(MAX_PAGE_TEXT);
    expect(await read('x'.repeat(MAX_PAGE_TEXT + 1), 'text/plain')).toEqual(unreadable('long'));
  });

  it('gives up on a page of too many elements', async () => {
    const html = `<html><body>${'<b>a</b>'.repeat(50_000)}</body></html>`;
    expect(await read(html, 'text/html')).toEqual(unreadable('long'));
  });

  // Both keep a parser busy for minutes, or until the memory is full.
  it.each([
    ['time', { timeoutMs: 1_500 }],
    ['memory', { maxHeapMb: 8 }],
  ])('ends a thread that takes more %s than it may, while others run', async (_case, limits) => {
    const strict = new PageReader({ timeoutMs: 30_000, ...limits });
    const html = `<html><body>${'<div><p>'.repeat(24_000)}x</body></html>`;
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 5);
    const reading = await read(html, 'text/html', strict);
    clearInterval(timer);
    expect(reading).toEqual(unreadable('broken'));
    expect(turns).toBeGreaterThan(10);
  });

  it('ends with its caller', async () => {
    const caller = new AbortController();
    const html = `<html><body>${'<div><p>'.repeat(24_000)}x</body></html>`;
    const reading = reader.read({ bytes: Buffer.from(html), contentType: 'text/html' }, caller.signal);
    caller.abort(new Error('the client left'));
    await expect(reading).rejects.toThrow('the client left');
    await expect(reader.read({ bytes: Buffer.from('x'), contentType: 'text/plain' }, caller.signal)).rejects.toThrow(
      'the client left',
    );
  });

  it('lets some pages wait and turns away those after', async () => {
    const narrow = new PageReader({ threads: 1, queue: 1, timeoutMs: 40_000 });
    const readings = await Promise.allSettled([1, 2, 3].map((number) => read(`Page ${number}`, 'text/plain', narrow)));
    expect(readings.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(readings[2]).toMatchObject({ reason: { code: 'SERVICE_UNAVAILABLE' } });
  });
});
