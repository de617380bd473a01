import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pdfOfContents, type PageContent } from './pdf-file.js';

const MEBIBYTE = 1024 * 1024;
/** What a bomb's page is when nothing is left to inflate. */
const BOMB_BYTES = 256 * MEBIBYTE;
/** A process that reads a page of a few lines takes some 100 MiB; a whole bomb would come on top at least once. */
const MAX_RESIDENT_BYTES = 320 * MEBIBYTE;

/** Reads a document with the program that the service runs, alone in a process, and tells the most that this held in memory. */
const READ_ALONE = `
  import { readFileSync } from 'node:fs';
  const [reader, file] = process.argv.slice(1);
  const { PageReader } = await import(reader);
  const page = { bytes: readFileSync(file), contentType: 'application/pdf' };
  const reading = await new PageReader({ timeoutMs: 60_000 }).read(page, new AbortController().signal);
  // On Linux the maxRSS of a process begins with that of the one that started it.
  const peakKb = process.platform === 'linux'
    ? Number(/VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1])
    : process.resourceUsage().maxRSS;
  process.stdout.write(JSON.stringify({ reading, residentBytes: peakKb * 1024 }));
`;
const READER = new URL('../../dist/subgraphs/summarize/page/page-reader.js', import.meta.url).href;

/** A page, and so many spaces after it, by the filters that it is to be read through. */
const ENCODINGS: Readonly<Record<string, (shown: Buffer, spaces: number) => PageContent>> = {
  FlateDecode: (shown, spaces) => ({ bytes: deflated(shown, spaces), filters: ['FlateDecode'] }),
  'FlateDecode twice': (shown, spaces) => ({
    bytes: deflateSync(deflated(shown, spaces)),
    filters: ['FlateDecode', 'FlateDecode'],
  }),
  // Native inflaters refuse it; the parser has one of its own that does not.
  'FlateDecode with a wrong checksum': (shown, spaces) => ({
    bytes: Buffer.concat([deflated(shown, spaces).subarray(0, -4), Buffer.alloc(4)]),
    filters: ['FlateDecode'],
  }),
  RunLengthDecode: (shown, spaces) => ({
    bytes: deflateSync(inRuns(shown, spaces)),
    filters: ['FlateDecode', 'RunLengthDecode'],
  }),
};

function deflated(shown: Buffer, spaces: number): Buffer {
  return deflateSync(Buffer.concat([shown, Buffer.alloc(spaces, ' ')]), { level: 1 });
}

/** ISO 32000-1 §7.4.5: the length less one and bytes as they are; 129 and a byte that stands for 128; 128 at the end. */
function inRuns(shown: Buffer, spaces: number): Buffer {
  const runs = Buffer.alloc(spaces / 64, Buffer.from([129, 32]));
  return Buffer.concat([Buffer.from([shown.length - 1]), shown, runs, Buffer.from([128])]);
}

describe('PageReader, of a PDF whose page is compressed', () => {
  const shown = Buffer.from('BT /F1 12 Tf 72 720 Td (The lamp burns.) Tj ET');
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pdf-bombs-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function readAlone(pdf: Buffer): Promise<{ reading: unknown; residentBytes: number }> {
    const file = join(folder, 'page.pdf');
    await writeFile(file, pdf);
    const program = ['--input-type=module', '--eval', READ_ALONE, READER, file];
    const { stdout } = await promisify(execFile)(process.execPath, program);
    return JSON.parse(stdout) as { reading: unknown; residentBytes: number };
  }

  describe.each(Object.entries(ENCODINGS))('by %s', (_name, encode) => {
    it('reads it', async () => {
      const { reading } = await readAlone(pdfOfContents([encode(shown, 0)]));
      expect(reading).toEqual({ kind: 'text', text: 'The lamp burns.', title: null });
    });

    it('says that it is broken where it would inflate to hundreds of megabytes, and never holds them', async () => {
      const pdf = pdfOfContents([encode(shown, BOMB_BYTES)]);
      expect(pdf.length).toBeLessThan(2 * MEBIBYTE);
      const { reading, residentBytes } = await readAlone(pdf);
      expect(residentBytes).toBeLessThan(MAX_RESIDENT_BYTES);
      expect(reading).toEqual({ kind: 'unreadable', why: 'broken' });
    });
  });
});
