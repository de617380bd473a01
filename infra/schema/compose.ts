import { readFile, writeFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { composedSchema } from './composed-schema.js';

/**
 * `npm run schema:compose` writes `schema/` anew from the code and rover.yaml; with `--check` it compares instead, and
 * fails naming each file that is not what the code makes.
 */
const root = join(import.meta.dirname, '../../..');
const check = process.argv.includes('--check');
const stale: string[] = [];

for (const [path, content] of await composedSchema(root)) {
  const file = join(root, path);
  const current = await readFile(file, 'utf8').catch(() => null);
  if (current === content) continue;
  if (check) {
    stale.push(path);
  } else {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
    process.stdout.write(`written ${path}\n`);
  }
}

if (stale.length > 0) {
  process.stderr.write(`Not what the code makes: ${stale.join(', ')}\nRun npm run schema:compose and commit the result.\n`);
  process.exitCode = 1;
}
