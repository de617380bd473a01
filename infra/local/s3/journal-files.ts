import { open, readFile, stat } from 'node:fs/promises';

const LINE_FEED = 10;

/**
 * Reads a file of JSON lines and returns how many bytes of it are whole. Where `mayBeTorn`, a last line without its end
 * was being written when the process died, was not acknowledged, and is left out. Throws an Error that names the file
 * and the line for any other damage.
 */
export async function readLines(path: string, mayBeTorn: boolean, take: (entry: unknown) => void): Promise<number> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  });
  let start = 0;
  for (let line = 1; start < bytes.length; line += 1) {
    const end = bytes.indexOf(LINE_FEED, start);
    if (end < 0 && mayBeTorn) return start;
    const entry = end < 0 ? undefined : parsed(bytes.toString('utf8', start, end));
    if (entry === undefined) throw new Error(`${path} is damaged at line ${line}.`);
    take(entry);
    start = end + 1;
  }
  return start;
}

/** Takes off a torn end, where there is one, so that the file may be followed by others. */
export async function cutTo(path: string, bytes: number): Promise<void> {
  const { size } = await stat(path).catch(() => ({ size: 0 }));
  if (size <= bytes) return;
  const handle = await open(path, 'r+');
  try {
    await handle.truncate(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes renames, new files and removals in a folder survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
