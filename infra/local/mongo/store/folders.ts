import { open } from 'node:fs/promises';

/** Makes new, renamed and deleted files of a folder survive a power cut. */
export async function makeDurable(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
