import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Keeps a second conductor off the data folder. A lock whose process is gone is taken over.
 * Returns what releases it; throws an Error that names the process in the way.
 */
export async function lockFolder(dataDir: string): Promise<() => Promise<void>> {
  const file = join(dataDir, 'running.pid');
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      await writeFile(file, String(process.pid), { flag: 'wx' });
      return () => rm(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const holder = Number(await readFile(file, 'utf8').catch(() => ''));
      if (holder !== process.pid && isAlive(holder)) {
        throw new Error(
          `The platform is already running on ${dataDir} (process ${holder}). If it is not, delete ${file}.`,
          {
            cause: error,
          },
        );
      }
      await rm(file, { force: true });
    }
  }
  throw new Error(`Two starts on ${dataDir} at the same moment; this one gives way.`);
}

export function isAlive(pid: number): boolean {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
