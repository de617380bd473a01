import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { temporaryFolder } from '../support/temporary-folder.js';
import { startSystem, type System } from '../support/system.js';

const ROOT = resolve(import.meta.dirname, '../..');
const README = await readFile(join(ROOT, 'README.md'), 'utf8');
const SECTIONS = ['### Quickstart', '### Streaming'];

/** The commands of the README that talk to a running platform, in their order. */
function commandsOf(readme: string): string[] {
  return SECTIONS.flatMap((title) => {
    const section = readme
      .slice(readme.indexOf(title))
      .split(/\n##+ /, 2)
      .slice(0, 1)
      .join('');
    const blocks = [...section.matchAll(/^```bash\n(.*?)^```$/gms)].map(([, block]) => block ?? '');
    return blocks.filter((block) => block.includes('call ') || block.includes('curl '));
  });
}

/** The README asks for curl 7.82, which learned `--json`. */
const hasCurl = spawnSync('curl', ['--json', '{}', '--version']).status === 0;
if (!hasCurl) process.stderr.write('skipped: the commands of the README need curl 7.82 or later\n');

(hasCurl ? describe : describe.skip)('the commands of the README', () => {
  let system: System;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeAll(async () => {
    folder = await temporaryFolder('readme');
    system = await startSystem();
  });
  afterAll(async () => {
    await system?.stop();
    await folder?.remove();
  });

  it('do what it says, one after the other', async () => {
    const blocks = commandsOf(README);
    expect(blocks).toHaveLength(2);
    const script = blocks.join('\n').replace('http://127.0.0.1:8080', system.url);
    expect(script).toContain(system.url);
    // An answer that is an error ends the script.
    await writeFile(join(folder.path, '.curlrc'), 'fail-with-body\n');
    const env = { PATH: process.env['PATH'], HOME: folder.path };
    const shell = spawn('bash', ['--norc', '-euo', 'pipefail', '-c', script], {
      cwd: folder.path,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = once(shell, 'close');
    const [out, err] = await Promise.all([text(shell.stdout), text(shell.stderr)]);
    expect({ code: (await ended)[0], err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('"usoTotal":3');
    expect(out.match(/^event: message$/gm)).toHaveLength(3);
    expect(await sharp(join(folder.path, 'alpaca.png')).metadata()).toMatchObject({ format: 'png' });
  });
});
