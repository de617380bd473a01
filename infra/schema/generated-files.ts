import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Writes generated files, by their paths below `root`, where they differ. With `--check` on the command line it compares
 * instead, names each file that is not what the code makes, and lets the process fail.
 */
export async function keepGenerated(root: string, files: ReadonlyMap<string, string>): Promise<void> {
  const check = process.argv.includes('--check');
  const stale: string[] = [];
  for (const [path, content] of files) {
    const file = join(root, path);
    const current = await readFile(file, 'utf8').catch(() => null);
    if (current === content) continue;
    if (check) {
      stale.push(path);
      continue;
    }
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
    process.stdout.write(`written ${path}\n`);
  }
  if (stale.length === 0) return;
  process.stderr.write(
    `Not what the code makes: ${stale.join(', ')}\nRun npm run schema:compose and commit the result.\n`,
  );
  process.exitCode = 1;
}
