import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { isAlive } from './folder-lock.js';

/** A process. Its number alone is not enough, as systems give the numbers of ended processes to new ones. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it began, as the system writes it; null where the system does not tell. */
  readonly startedAt: string | null;
}

export async function ownIdentity(): Promise<ProcessIdentity> {
  return { pid: process.pid, startedAt: await startOf(process.pid) };
}

/** Whether exactly this process still runs. */
export async function isRunning({ pid, startedAt }: ProcessIdentity): Promise<boolean> {
  if (!isAlive(pid)) return false;
  return startedAt === null || (await startOf(pid)) === startedAt;
}

async function startOf(pid: number): Promise<string | null> {
  if (process.platform === 'linux') return linuxStart(pid);
  if (process.platform === 'win32') return null;
  const told = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)]).catch(() => null);
  return told?.stdout.trim() || null;
}

/** By `/proc/<pid>/stat` (proc(5)): clock ticks from the boot of the system. Null for a zombie, which has ended. */
async function linuxStart(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The second field is the program's name in brackets, which may hold anything; the third is the state, the 22nd the start.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? null : (fields[19] ?? null);
}
