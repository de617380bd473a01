import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ownIdentity } from './process-identity.js';

const parts = {
  url: z.string(),
  databaseUrl: z.string(),
  mongoUrl: z.string(),
  analyticsUrl: z.string(),
  s3: z.object({ endpoint: z.string(), region: z.string(), accessKeyId: z.string(), secretAccessKey: z.string() }),
  bucketPattern: z.string(),
};
const platformParts = z.object(parts);
const running = z.object({
  ...parts,
  /** The process that `npm start` runs. */
  process: z.object({ pid: z.int(), startedAt: z.string().nullable() }),
});

export type PlatformParts = z.output<typeof platformParts>;

/** Where a running platform's parts are, for commands that work on it. Holds passwords: only its owner may read it. */
export type Running = z.output<typeof running>;

const fileIn = (dataDir: string): string => join(dataDir, 'running.json');

/** Writes the file and returns what removes it. */
export async function announce(dataDir: string, platform: PlatformParts): Promise<() => Promise<void>> {
  const contents: Running = { ...platform, process: await ownIdentity() };
  await writeFile(fileIn(dataDir), JSON.stringify(contents, null, 2), { mode: 0o600 });
  return () => forget(dataDir);
}

/** Removes what an earlier platform may have left when it was killed. */
export async function forget(dataDir: string): Promise<void> {
  await rm(fileIn(dataDir), { force: true });
}

/** What the file says, whether or not that platform still runs; null if there is no file, 'unreadable' if it is damaged. */
export async function readRunning(dataDir: string): Promise<Running | 'unreadable' | null> {
  const text = await readFile(fileIn(dataDir), 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    return running.parse(JSON.parse(text));
  } catch {
    return 'unreadable';
  }
}
