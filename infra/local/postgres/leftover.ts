import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '../folder-lock.js';

const WAIT_MS = 10_000;
const LOOK_EVERY_MS = 50;

/**
 * Stops the server that an earlier run left behind on this data when it was killed; its own pid file names it.
 * A pid file of a server that is gone is left for PostgreSQL, which recovers from it.
 */
export async function stopLeftover(dataDir: string): Promise<void> {
  const pidFile = await readFile(join(dataDir, 'postmaster.pid'), 'utf8').catch(() => '');
  const [pid, itsDataDir] = pidFile.split('\n');
  if (!pid || itsDataDir !== dataDir || !(await isPostgres(Number(pid)))) return;
  process.kill(Number(pid), 'SIGINT');
  for (let waitedMs = 0; isAlive(Number(pid)); waitedMs += LOOK_EVERY_MS) {
    if (waitedMs > WAIT_MS)
      throw new Error(`The PostgreSQL of an earlier run (process ${pid}) does not stop. Stop it and start again.`);
    await sleep(LOOK_EVERY_MS);
  }
}

/** The number may belong to somebody else by now: where the system can tell, the program's name decides. */
async function isPostgres(pid: number): Promise<boolean> {
  if (!isAlive(pid)) return false;
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => 'postgres');
  return command.includes('postgres');
}
