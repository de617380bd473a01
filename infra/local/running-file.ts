import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const running = z.object({
  url: z.string(),
  databaseUrl: z.string(),
  mongoUrl: z.string(),
  analyticsUrl: z.string(),
  s3: z.object({ endpoint: z.string(), region: z.string(), accessKeyId: z.string(), secretAccessKey: z.string() }),
});

/** Where a running platform's parts are, for commands that work on it. Holds passwords: its owner's only. */
export type Running = z.output<typeof running>;

const fileIn = (dataDir: string): string => join(dataDir, 'running.json');

/** Writes the file and returns what removes it. */
export async function announce(dataDir: string, parts: Running): Promise<() => Promise<void>> {
  await writeFile(fileIn(dataDir), JSON.stringify(parts, null, 2), { mode: 0o600 });
  return () => rm(fileIn(dataDir), { force: true });
}

/** The platform that runs on a data folder, or null when none does. */
export async function findRunning(dataDir: string): Promise<Running | null> {
  const text = await readFile(fileIn(dataDir), 'utf8').catch(() => null);
  return text === null ? null : running.parse(JSON.parse(text));
}
