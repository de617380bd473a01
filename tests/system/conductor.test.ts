import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isAlive } from '../../infra/local/folder-lock.js';
import { anyFreePort } from '../../infra/local/ports.js';
import { startS3 } from '../../infra/local/s3/start-s3.js';
import { restClient, signUp } from '../support/rest-client.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const MAIN = fileURLToPath(new URL('../../dist/infra/local/main.js', import.meta.url));

interface Run {
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  output(): string;
  /** Resolves when the output holds the text or the program has ended. */
  until(text: string): Promise<void>;
}

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let runs: Run[];
beforeEach(async () => {
  folder = await temporaryFolder('conductor');
  runs = [];
});
afterEach(async () => {
  for (const { child, exited } of runs) {
    child.kill('SIGTERM');
    await exited;
  }
  await folder.remove();
});

/** What `npm start` runs, from an empty directory, so that no `.env` of this checkout takes part. */
function start(env: Record<string, string>): Run {
  const child = spawn(process.execPath, [MAIN], {
    cwd: folder.path,
    env: { PATH: process.env['PATH'], DATA_DIR: join(folder.path, 'data'), BCRYPT_ROUNDS: '4', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const watchers = new Set<() => void>();
  const grow = (chunk: Buffer): void => {
    output += chunk.toString();
    for (const look of watchers) look();
  };
  child.stdout?.on('data', grow);
  child.stderr?.on('data', grow);
  const until = (text: string): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (output.includes(text)) resolve();
      };
      watchers.add(look);
      look();
      void exited.then(() => resolve());
    });
  const run = { child, exited, output: () => output, until };
  runs.push(run);
  return run;
}

describe('npm start', () => {
  it('shows where everything is, stops cleanly, and finds its data again', async () => {
    const port = String(await anyFreePort());
    const first = start({ PORT: port });
    await first.until('Press Ctrl-C');
    expect(first.output()).toContain(`http://127.0.0.1:${port}/graphql`);
    expect(first.output()).toMatch(/offline provider/);
    const send = restClient(`http://127.0.0.1:${port}`);
    const ana = await signUp(send, 'ana@example.com');
    const image = await send<{ id: string }>('POST /image/generate', {
      token: ana.token,
      json: { prompt: 'a lighthouse', size: '64x64' },
    });
    const postgresPid = Number(
      (await readFile(join(folder.path, 'data/postgres/postmaster.pid'), 'utf8')).split('\n')[0],
    );
    first.child.kill('SIGINT');
    expect(await first.exited).toBe(0);
    expect(isAlive(postgresPid)).toBe(false);

    const second = start({ PORT: port });
    await second.until('Press Ctrl-C');
    const login = await send<{ accessToken: string }>('POST /auth/login', {
      json: { email: 'ana@example.com', password: 'secret123' },
    });
    const found = await send(`GET /image/${image.body.id}`, { token: login.body.accessToken });
    expect(found).toMatchObject({ status: 200, body: { id: image.body.id, status: 200 } });
    const overview = await send(`GET /analytics/user/${ana.id}/overview`, { token: login.body.accessToken });
    expect(overview.body['usoTotal']).toBe(1);
  });

  it('starts again after it was killed, and stops cleanly when nobody reads its output any more', async () => {
    const port = String(await anyFreePort());
    const first = start({ PORT: port });
    await first.until('Press Ctrl-C');
    first.child.kill('SIGKILL');
    await first.exited;
    const second = start({ PORT: port });
    await second.until('Press Ctrl-C');
    expect(second.output()).toContain('Ready in');
    second.child.stdout?.destroy();
    second.child.kill('SIGTERM');
    expect(await second.exited).toBe(0);
  });

  it('names a port that is taken and how to choose another', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const run = start({ PORT: String(port) });
    expect(await run.exited).toBe(1);
    expect(run.output()).toContain(`Port ${port} is taken`);
    expect(run.output()).toMatch(/PORT=\d+ npm start/);
    taken.close();
  });

  it('says what is wrong with a data folder that it cannot use', async () => {
    await writeFile(join(folder.path, 'data'), 'a file where the folder should be');
    const run = start({ PORT: String(await anyFreePort()) });
    expect(await run.exited).toBe(1);
    expect(run.output()).toContain('data folder');
    expect(run.output()).not.toMatch(/\bat .*\.js:\d+/);
  });

  it('names each setting that is wrong', async () => {
    const run = start({ PORT: 'eighty' });
    expect(await run.exited).toBe(1);
    expect(run.output()).toMatch(/PORT: must be a whole number/);
  });

  it.each([
    [
      'an object store without its keys',
      { S3_ENDPOINT: 'http://127.0.0.1:1' },
      'S3_SECRET_KEY: is required with S3_ENDPOINT',
    ],
    [
      'bucket names that are all the same',
      { S3_BUCKET_PATTERN: 'history' },
      'S3_BUCKET_PATTERN: must be a bucket name with {service}',
    ],
  ])('refuses %s', async (_what, env, words) => {
    const run = start({ PORT: '0', ...env });
    expect(await run.exited).toBe(1);
    expect(run.output()).toContain(words);
  });

  it('names the bucket and the store that refuses it', async () => {
    const credentials = { accessKeyId: 'right', secretAccessKey: 'right' };
    const s3 = await startS3({ dataDir: join(folder.path, 's3'), port: 0, credentials, region: 'us-east-1' });
    const run = start({ PORT: '0', S3_ENDPOINT: s3.endpoint, S3_ACCESS_KEY: 'right', S3_SECRET_KEY: 'wrong' });
    expect(await run.exited).toBe(1);
    await s3.close();
    const refusal = `Bucket "llmhist-image-dev" at ${s3.endpoint}: 403 (wrong key, or the bucket is somebody else’s)`;
    expect(run.output()).toContain(refusal);
  });

  it('names the service that cannot start, and why, without waiting for those that need it', async () => {
    const run = start({ PORT: String(await anyFreePort()), BCRYPT_ROUNDS: 'many' });
    expect(await run.exited).toBe(1);
    expect(run.output()).toContain('auth does not start: BCRYPT_ROUNDS: must be');
    expect(run.output().match(/✘ .*/g)).toEqual(['✘ auth']);
    expect(run.output()).toContain('– supergraph (stopped)');
    expect(run.output()).not.toMatch(/\bat .*\.js:\d+/);
  });
});
