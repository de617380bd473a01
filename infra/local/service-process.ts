import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Env } from '#shared/config/load-config.js';
import { StepStopped } from './progress.js';

export interface ServiceProgram {
  readonly name: string;
  /** The compiled entry file. */
  readonly entry: string;
  readonly env: Env;
  readonly url: string;
  readonly logFile: string;
  /** How long it may take to end when it is told to; ended by force then. */
  readonly stopWithinMs: number;
}

const READY_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 100;
/** One question that is not answered must not take the time of all. */
const ANSWERED_WITHIN_MS = 5_000;
const FIRST_RESTART_MS = 500;
const LONGEST_RESTART_MS = 30_000;
/** Services of one machine share it with their engines: a young generation of moderate size, and code no larger than needed. */
const NODE_FLAGS = ['--max-semi-space-size=4', '--enable-source-maps=false'];

/** One service as a process of its own; started again when it ends by itself. */
export class ServiceProcess {
  #child: ChildProcess | undefined;
  #stopping = false;
  #restartMs = FIRST_RESTART_MS;

  constructor(
    readonly program: ServiceProgram,
    private readonly onRestart: (name: string, logFile: string) => void,
  ) {}

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /**
   * Returns once `/readyz` says so. Throws StepStopped when it is stopped before, and an Error with the service's own last
   * words when it ends by itself.
   */
  async start(): Promise<void> {
    const loggedBefore = statSync(this.program.logFile, { throwIfNoEntry: false })?.size ?? 0;
    const child = this.#spawn();
    for (let waitedMs = 0; waitedMs < READY_WITHIN_MS; waitedMs += LOOK_EVERY_MS) {
      if (hasEnded(child)) throw this.#stopping ? new StepStopped() : new Error(await this.#lastWords(loggedBefore));
      if (await answersReady(this.program.url)) {
        child.once('exit', () => void this.#restart());
        return;
      }
      await sleep(LOOK_EVERY_MS);
    }
    throw new Error(
      `${this.program.name} is not ready after ${READY_WITHIN_MS / 1000} s; see ${this.program.logFile}.`,
    );
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (!child || hasEnded(child)) return;
    const late = setTimeout(() => child.kill('SIGKILL'), this.program.stopWithinMs);
    child.kill('SIGTERM');
    await once(child, 'exit');
    clearTimeout(late);
  }

  /** Ends it as a crash would, and leaves it down. */
  async kill(): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (!child || hasEnded(child)) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  #spawn(): ChildProcess {
    const { entry, env, logFile } = this.program;
    const log = openSync(logFile, 'a');
    // Detached: Ctrl-C in the terminal reaches the conductor alone, which then stops its services in order.
    // The IPC channel makes a service end when the conductor is gone without having said so.
    this.#child = spawn(process.execPath, [...NODE_FLAGS, entry], {
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', log, log, 'ipc'],
      detached: true,
    });
    closeSync(log);
    return this.#child;
  }

  async #restart(): Promise<void> {
    if (this.#stopping) return;
    this.onRestart(this.program.name, this.program.logFile);
    await sleep(this.#restartMs);
    this.#restartMs = Math.min(this.#restartMs * 2, LONGEST_RESTART_MS);
    if (this.#stopping) return;
    this.#spawn().once('exit', () => void this.#restart());
  }

  /** `loggedBefore`: bytes of the log that are of earlier runs. */
  async #lastWords(loggedBefore: number): Promise<string> {
    const log = await readFile(this.program.logFile).catch(() => Buffer.alloc(0));
    return `${this.program.name} does not start: ${reasonIn(log.subarray(loggedBefore).toString('utf8'))}\n  Its log: ${this.program.logFile}`;
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function answersReady(url: string): Promise<boolean> {
  try {
    const reply = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(ANSWERED_WITHIN_MS) });
    await reply.arrayBuffer();
    return reply.ok;
  } catch {
    return false;
  }
}

/** The last fatal line of a log, where the service could still speak for itself; or else its last line. */
function reasonIn(log: string): string {
  const lines = log.trimEnd().split('\n');
  const fatal = lines.map(fatalLine).findLast((line) => line !== null);
  return fatal ?? (lines.at(-1) || 'it said nothing.');
}

function fatalLine(text: string): string | null {
  try {
    const line = JSON.parse(text) as { level: string; msg: string; problems?: string[]; err?: { message: string } };
    if (line.level !== 'fatal') return null;
    return line.problems?.join('; ') || line.err?.message || line.msg;
  } catch {
    return null;
  }
}
