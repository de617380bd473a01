import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const DIST = join(import.meta.dirname, '../../dist');

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface CommandCall {
  readonly args?: readonly string[];
  /** Where a `.env` is looked for. */
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** Runs one of the compiled programs, such as `infra/admin/main.js`, to its end. */
export async function command(program: string, { args = [], cwd, env = {}, input = '' }: CommandCall): Promise<Ended> {
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, [join(DIST, program), ...args], { cwd, env: { PATH, HOME: cwd, ...env } });
  child.stdin.end(input);
  const ended = once(child, 'close');
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = (await ended) as [number | null];
  return { code, out, err };
}
