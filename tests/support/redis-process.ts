import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { anyFreePort } from '../../infra/local/ports.js';
import { temporaryFolder } from './temporary-folder.js';

const PROGRAM = 'redis-server';

/** Whether this machine has a Redis to start. */
export function redisIsInstalled(): boolean {
  return spawnSync(PROGRAM, ['--version']).status === 0;
}

/** A Redis of this test alone, without persistence: what it knew is gone when it is started again. */
export class RedisProcess {
  #child: ChildProcess | undefined;

  private constructor(
    readonly port: number,
    private readonly folder: { path: string; remove(): Promise<void> },
    private readonly password: string,
  ) {}

  static async start({ password = '' } = {}): Promise<RedisProcess> {
    const redis = new RedisProcess(await anyFreePort(), await temporaryFolder('redis'), password);
    await redis.start();
    return redis;
  }

  get url(): string {
    return `redis://${this.password && `:${this.password}@`}127.0.0.1:${this.port}`;
  }

  /** On the same port as before; resolves when it takes connections. */
  async start(): Promise<void> {
    const settings = { port: this.port, bind: '127.0.0.1', dir: this.folder.path, save: '', appendonly: 'no' };
    const given = this.password ? { ...settings, requirepass: this.password } : settings;
    const args = Object.entries(given).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const child = spawn(PROGRAM, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    this.#child = child;
    let ready = false;
    for await (const line of createInterface({ input: child.stdout })) {
      ready = line.includes('Ready to accept');
      if (ready) break;
    }
    if (!ready) throw new Error('Redis ended before it took connections');
    child.stdout.resume();
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  /** It keeps its connections, and answers nothing until {@link resume}. */
  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    await this.kill();
    await this.folder.remove();
  }
}
