import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createKeyPair } from '../../infra/init/key-pair.js';
import { startS3 } from '../../infra/local/s3/start-s3.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { command, type Ended } from './command.js';

const START = join(import.meta.dirname, '../../dist/infra/local/main.js');
const ADMIN = 'infra/admin/main.js';
const HISTORY = 'infra/history/main.js';
const PROVISION = 'infra/provision/main.js';
const CHAT = 'clients/terminal/main.js';
const EMAIL = 'ana@example.com';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder('commands');
});
afterAll(() => folder?.remove());

describe('a command beside npm start', () => {
  let dataDir: string;
  let platform: ChildProcess | undefined;

  beforeAll(async () => {
    dataDir = join(folder.path, 'kept here');
    const settings = { DATA_DIR: '"kept here"', PORT: '0', BCRYPT_ROUNDS: '4', S3_BUCKET_PATTERN: 'mine.{service}' };
    const lines = Object.entries({ ...settings, SHUTDOWN_GRACE: '0s' }).map(([name, value]) => `${name}=${value}\n`);
    await writeFile(join(folder.path, '.env'), lines.join(''));
  });
  afterAll(async () => {
    if (platform) await ended(platform, 'SIGTERM');
  });

  async function start(): Promise<void> {
    const { PATH } = process.env;
    platform = spawn(process.execPath, [START], {
      cwd: folder.path,
      env: { PATH },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    for await (const chunk of platform.stdout ?? []) if ((output += String(chunk)).includes('Press Ctrl-C')) return;
    throw new Error(`it does not start: ${output}`);
  }
  async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
    const exit = once(child, 'exit');
    child.kill(signal);
    await exit;
  }
  const chat = () =>
    command(CHAT, {
      cwd: folder.path,
      args: ['--email', EMAIL, '--register'],
      env: { CHAT_PASSWORD: 'secret123' },
      input: 'Hola\n',
    });
  const admin = () => command(ADMIN, { cwd: folder.path, args: [EMAIL] });
  const verify = () => command(HISTORY, { cwd: folder.path, args: ['verify'] });
  const all = (): Promise<Ended[]> => Promise.all([chat(), admin(), verify()]);

  it('says where no platform runs', async () => {
    for (const { code, err } of await all()) {
      expect(code).toBe(1);
      expect(err).toContain(`No platform runs on ${dataDir}.`);
    }
  });

  it('finds its platform and its buckets by the settings in .env', async () => {
    await start();
    expect(await chat()).toMatchObject({ code: 0, out: expect.stringMatching(/\S/) });
    expect(await admin()).toMatchObject({ code: 0, out: expect.stringContaining(`${EMAIL} is now admin`) });
    expect(await verify()).toMatchObject({ code: 0, out: expect.stringContaining('chat: 1 records') });
    expect(existsSync(join(dataDir, 's3', 'mine.chat'))).toBe(true);
  });

  it('knows that the platform was killed, and says so', async () => {
    if (platform) await ended(platform, 'SIGKILL');
    for (const { code, err } of await all()) {
      expect(code).toBe(1);
      expect(err.trim()).toBe(`The platform on ${dataDir} ended unexpectedly; start it again.`);
    }
    await start();
    expect(await verify()).toMatchObject({ code: 0 });
  });

  it('has words for a file that is damaged', async () => {
    await mkdir(join(folder.path, 'damaged'));
    await writeFile(join(folder.path, 'damaged', 'running.json'), '{"url":');
    const env = { DATA_DIR: 'damaged' };
    for (const [program, args] of [
      [CHAT, []],
      [ADMIN, [EMAIL]],
      [HISTORY, ['verify']],
    ] as [string, string[]][]) {
      const { code, err } = await command(program, { cwd: folder.path, args, env });
      expect(code).toBe(1);
      expect(err.trim()).toBe(
        `running.json in ${join(folder.path, 'damaged')} is damaged; stop the platform and start it again.`,
      );
    }
  });
});

describe('a command that was called wrongly', () => {
  it.each([
    [ADMIN, '--bad', "Unknown option '--bad'"],
    [ADMIN, '', 'The email of an account is missing'],
    [ADMIN, 'a@example.com b@example.com', 'b@example.com'],
    [HISTORY, 'verify --service nope', '--service must be image, summarize or chat'],
    [HISTORY, 'verify chat', 'This is not an option: chat'],
    [HISTORY, 'prove', 'verify or reindex'],
    [PROVISION, '--policy nope', '--policy must be image, summarize or chat'],
    [PROVISION, 'here', "Unexpected argument 'here'"],
    [CHAT, '--bad', "Unknown option '--bad'"],
  ])('%s %s: says in one line what is wrong, and exits with 2', async (program, args, words) => {
    const { code, out, err } = await command(program, { cwd: folder.path, args: args.split(' ').filter(Boolean) });
    expect({ code, out, lines: err.trim().split('\n').length }).toEqual({ code: 2, out: '', lines: 1 });
    expect(err).toContain(words);
  });

  it.each([ADMIN, HISTORY, PROVISION, CHAT])('%s --help explains how', async (program) => {
    const { code, out, err } = await command(program, { cwd: folder.path, args: ['--help'] });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('npm run');
  });
});

describe('a command on stores of the operator’s own', () => {
  let s3: Awaited<ReturnType<typeof startS3>>;
  let env: Record<string, string>;
  beforeAll(async () => {
    const credentials = { accessKeyId: 'right', secretAccessKey: 'the right secret' };
    s3 = await startS3({ dataDir: join(folder.path, 's3'), port: 0, credentials, region: 'us-east-1' });
    const { privateKey } = await createKeyPair();
    const keys = { S3_ACCESS_KEY: 'right', S3_SECRET_KEY: 'the right secret', SERVICE_PRIVATE_KEY: privateKey };
    env = { S3_ENDPOINT: s3.endpoint, ANALYTICS_URL: 'http://127.0.0.1:1', ...keys };
  });
  afterAll(() => s3?.close());

  it('provision makes the buckets of the pattern', async () => {
    const { code, out } = await command(PROVISION, {
      cwd: folder.path,
      env: { ...env, S3_BUCKET_PATTERN: 'my-{service}' },
    });
    expect({ code, out }).toEqual({ code: 0, out: 'ready: my-image, my-summarize, my-chat\n' });
  });

  it.each([
    ['a wrong key', { S3_SECRET_KEY: 'the wrong secret' }, '403 (wrong key, or the bucket is somebody else’s)'],
    ['a store that is not there', { S3_ENDPOINT: 'http://127.0.0.1:1' }, 'the store cannot be reached (ECONNREFUSED)'],
  ])('provision names bucket, store and reason: %s', async (_what, wrong, reason) => {
    const given: Record<string, string> = { ...env, ...wrong, S3_BUCKETS: 'one' };
    const { code, err } = await command(PROVISION, { cwd: folder.path, env: given });
    expect({ code, err }).toEqual({ code: 1, err: `Bucket "one" at ${given['S3_ENDPOINT']}: ${reason}\n` });
  });

  it('history:verify names a bucket that is not there', async () => {
    const { code, err } = await command(HISTORY, { cwd: folder.path, env, args: ['verify', '--env', 'prod'] });
    const reason = `Bucket "llmhist-image-prod" at ${s3.endpoint}: 404 (there is no such bucket)`;
    expect({ code, err }).toEqual({ code: 1, err: `${reason}\n` });
  });

  it.each([
    [
      'that cannot be reached',
      'postgresql://ana:hidden-word@127.0.0.1:1/auth',
      'The database at 127.0.0.1:1 cannot be used',
    ],
    ['whose address is none', 'nonsense-hidden-word', 'DATABASE_URL must be a URL'],
  ])('admin names a database %s, and no password', async (_what, url, words) => {
    const { code, out, err } = await command(ADMIN, { cwd: folder.path, env: { DATABASE_URL: url }, args: [EMAIL] });
    expect({ code, out, lines: err.trim().split('\n').length }).toEqual({ code: 1, out: '', lines: 1 });
    expect(err).toContain(words);
    expect(err).not.toContain('hidden-word');
  });
});
