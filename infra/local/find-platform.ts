import type { Env } from '#shared/config/load-config.js';
import { isRunning } from './process-identity.js';
import { readRunning, type Running } from './running-file.js';
import { dataDirOf } from './settings.js';

export type PlatformSearch =
  | { readonly state: 'running'; readonly dataDir: string; readonly running: Running }
  /** `ended`: it was killed and could not say so. `unreadable`: what it wrote about itself is damaged. */
  | { readonly state: 'absent' | 'ended' | 'unreadable'; readonly dataDir: string };

/** Looks for the platform that `npm start` runs on the data folder of these settings (see `withDotEnv`). */
export async function findPlatform(env: Env): Promise<PlatformSearch> {
  const dataDir = dataDirOf(env);
  const running = await readRunning(dataDir);
  if (running === null) return { state: 'absent', dataDir };
  if (running === 'unreadable') return { state: 'unreadable', dataDir };
  return (await isRunning(running.process)) ? { state: 'running', dataDir, running } : { state: 'ended', dataDir };
}

/** As `findPlatform`; throws an Error in words for the operator when none runs. `otherwise` says how to do without one. */
export async function getPlatform(env: Env, otherwise: string): Promise<{ dataDir: string; running: Running }> {
  const found = await findPlatform(env);
  if (found.state === 'running') return found;
  const words = {
    absent: `No platform runs on ${found.dataDir}. Start it with \`npm start\`, or ${otherwise}.`,
    ended: `The platform on ${found.dataDir} ended unexpectedly; start it again.`,
    unreadable: `running.json in ${found.dataDir} is damaged; stop the platform and start it again.`,
  };
  throw new Error(words[found.state]);
}
