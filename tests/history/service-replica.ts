import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import type { ServiceProgram } from '../../infra/local/service-process.js';

/** A service of the platform as a process that nobody starts again. */
export interface Replica {
  readonly url: string;
  hasEnded(): boolean;
  /** Resolves with the signal or the exit code when it has ended. */
  readonly ended: Promise<string | number>;
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 60_000;
/** One question that is not answered must not take the time of all. */
const ANSWERED_WITHIN_MS = 5_000;

/** Starts a service's program with settings of its own; returns when it is ready, or has ended before. */
export async function startReplica(program: ServiceProgram, env: Record<string, string> = {}): Promise<Replica> {
  const log = openSync(program.logFile, 'a');
  const child = spawn(process.execPath, [program.entry], {
    env: { PATH: process.env['PATH'], ...program.env, ...env },
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  const ended = once(child, 'exit').then(([code, signal]) => (signal ?? code) as string | number);
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const url = env['PORT'] ? `http://127.0.0.1:${env['PORT']}` : program.url;
  const until = Date.now() + READY_WITHIN_MS;
  while (!hasEnded() && !(await isReady(url))) {
    if (Date.now() > until) throw new Error(`${program.name} is not ready; see ${program.logFile}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    url,
    hasEnded,
    ended,
    async stop() {
      if (!hasEnded()) child.kill('SIGTERM');
      await ended;
    },
  };
}

async function isReady(url: string): Promise<boolean> {
  try {
    const reply = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(ANSWERED_WITHIN_MS) });
    await reply.arrayBuffer();
    return reply.ok;
  } catch {
    return false;
  }
}
