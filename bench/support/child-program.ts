import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Env } from '#shared/config/load-config.js';

const STOP_WITHIN_MS = 20_000;

/** A program of the benchmark in a process of its own, so that each has a core's worth of its own to use. */
export class ChildProgram {
  readonly #child: ChildProcess;

  constructor(program: URL, env: Env = {}) {
    this.#child = fork(fileURLToPath(program), {
      env: { PATH: process.env['PATH'], NODE_ENV: 'production', APOLLO_TELEMETRY_DISABLED: 'true', ...env },
      execArgv: [],
      // Log lines are written as in production, and nobody reads them.
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
  }

  /** The first message of a program that says where it listens. Throws an Error when it ends before. */
  async firstMessage<Message>(): Promise<Message> {
    const ended = once(this.#child, 'exit').then(() => null);
    const said = await Promise.race([once(this.#child, 'message'), ended]);
    if (!said) throw new Error(`${this.#child.spawnargs.at(-1)} ended before it was ready.`);
    return said[0] as Message;
  }

  /** Calls with each message from now on. */
  onMessage(listener: (message: unknown) => void): void {
    this.#child.on('message', listener);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    const late = setTimeout(() => this.#child.kill('SIGKILL'), STOP_WITHIN_MS);
    this.#child.kill('SIGTERM');
    await ended;
    clearTimeout(late);
  }
}
