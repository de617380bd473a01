import { appendFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { request } from 'undici';
import { keyPath } from '../../infra/local/s3/key-path.js';
import { startS3, type StartedS3 } from '../../infra/local/s3/start-s3.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { outcome } from './s3-under-test.js';

const credentials = { accessKeyId: 'test', secretAccessKey: 'test-secret' };
const Bucket = 'embedded';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let started: { s3: StartedS3; client: S3Client }[];
beforeEach(async () => {
  folder = await temporaryFolder('s3-embedded');
  started = [];
});
afterEach(async () => {
  for (const { client, s3 } of started) {
    client.destroy();
    await s3.close().catch(() => undefined);
  }
  await folder.remove();
});

async function start(clock?: () => number): Promise<S3Client> {
  const s3 = await startS3({ dataDir: folder.path, port: 0, credentials, ...(clock && { clock }) });
  const client = new S3Client({ endpoint: s3.endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
  started.push({ s3, client });
  return client;
}

async function stop(): Promise<void> {
  await started.at(-1)?.s3.close();
}

const put = (client: S3Client, Key: string, Body: string) => client.send(new PutObjectCommand({ Bucket, Key, Body }));
const infoOf = (size: number) => ({
  etag: '22af645d1859cb5ca6da0c484f1f37ea',
  size,
  lastModifiedMs: 0,
  contentType: 'text/plain',
  metadata: {},
  tags: {},
});

/** What a crash leaves of large objects that were not moved to their place. */
async function stage(...names: string[]): Promise<void> {
  const staging = join(folder.path, Bucket, '.staging');
  await mkdir(staging, { recursive: true });
  for (const name of names) await writeFile(join(staging, name), 'new');
}

async function lastLog(): Promise<string> {
  const logs = (await readdir(join(folder.path, Bucket))).filter((name) => name.startsWith('.journal-'));
  return join(folder.path, Bucket, logs.at(-1) ?? '');
}

const text = async (client: S3Client, Key: string) =>
  (await client.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();

describe('the embedded S3 engine on disk', () => {
  it('keeps everything over a restart, under paths that read like the keys', async () => {
    const first = await start();
    await first.send(new CreateBucketCommand({ Bucket }));
    await put(first, 'requests/2026/11/24/x/record.json', '{"id":"x"}');
    await stop();
    expect(await readFile(join(folder.path, Bucket, 'requests/2026/11/24/x/record.json'), 'utf8')).toBe('{"id":"x"}');
    expect(await text(await start(), 'requests/2026/11/24/x/record.json')).toBe('{"id":"x"}');
  });

  it('finishes a write that was committed before a crash and forgets one that was not', async () => {
    const first = await start();
    await first.send(new CreateBucketCommand({ Bucket }));
    await put(first, 'committed.txt', 'old');
    await put(first, 'other.txt', 'old');
    await put(first, 'gone.txt', 'old');
    await stop();
    await stage('staged-1', 'staged-2');
    await appendFile(
      await lastLog(),
      [
        { put: 'committed.txt', info: infoOf(3), staged: 'staged-1' },
        { put: 'small.txt', info: infoOf(3), bytes: Buffer.from('new').toString('base64') },
        { deleted: 'gone.txt' },
      ]
        .map((entry) => `${JSON.stringify(entry)}\n`)
        .join(''),
    );
    await appendFile(
      await lastLog(),
      JSON.stringify({ put: 'other.txt', info: infoOf(3), staged: 'staged-2' }).slice(0, 40),
    );
    const second = await start();
    expect(await text(second, 'committed.txt')).toBe('new');
    expect(await text(second, 'small.txt')).toBe('new');
    expect(await text(second, 'other.txt')).toBe('old');
    expect(await outcome(text(second, 'gone.txt'))).toBe('NoSuchKey');
    const names = await readdir(join(folder.path, Bucket), { recursive: true });
    expect(names).not.toContain('gone.txt');
    expect(names.filter((name) => name.includes('staged'))).toEqual([]);
    await put(second, 'other.txt', 'newer');
    await stop();
    expect(await text(await start(), 'other.txt')).toBe('newer');
  });

  it('opens what it wrote when its journal was one file without bytes, also where a crash cut that short', async () => {
    await mkdir(join(folder.path, Bucket, 'a'), { recursive: true });
    await writeFile(join(folder.path, Bucket, 'a', '1.txt'), 'placed');
    await writeFile(join(folder.path, Bucket, 'a', '2.txt'), 'old');
    await stage('staged-1', 'staged-2');
    const lines = [
      { lifecycle: '<LifecycleConfiguration/>' },
      { put: 'a/1.txt', info: infoOf(6), staged: 'gone' },
      { put: 'a/2.txt', info: infoOf(3), staged: 'staged-1' },
      { put: 'a/3.txt', info: infoOf(3), staged: 'gone-too' },
      { deleted: 'a/3.txt' },
    ].map((entry) => `${JSON.stringify(entry)}\n`);
    await writeFile(join(folder.path, Bucket, '.journal'), `${lines.join('')}{"put":"a/1.txt","inf`);
    for (let opening = 0; opening < 2; opening += 1) {
      const client = await start();
      expect(await text(client, 'a/1.txt')).toBe('placed');
      expect(await text(client, 'a/2.txt')).toBe('new');
      expect(await outcome(text(client, 'a/3.txt'))).toBe('NoSuchKey');
      await put(client, 'a/4.txt', `${opening}`);
      if (opening === 1) expect(await text(client, 'a/4.txt')).toBe('1');
    }
  });

  it('leaves nothing of a deleted bucket, nor half of one', async () => {
    const first = await start();
    await first.send(new CreateBucketCommand({ Bucket }));
    await put(first, 'a.txt', 'a');
    await first.send(new DeleteObjectCommand({ Bucket, Key: 'a.txt' }));
    await first.send(new DeleteBucketCommand({ Bucket }));
    expect(await readdir(folder.path)).toEqual([]);
    await mkdir(join(folder.path, '.deleted-before-a-crash', 'a'), { recursive: true });
    await start();
    expect(await readdir(folder.path)).toEqual([]);
  });

  it('says which file is damaged rather than losing what follows', async () => {
    const first = await start();
    await first.send(new CreateBucketCommand({ Bucket }));
    await put(first, 'a.txt', 'a');
    await stop();
    const journal = join(folder.path, Bucket, '.journal');
    await writeFile(journal, `garbage\n${await readFile(journal, 'utf8')}`);
    await expect(start()).rejects.toThrow(/\.journal is damaged at line 1/);
  });

  it('never leaves the folder of its bucket, and gives no two keys the same place', () => {
    const key = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 400 }),
      fc
        .array(fc.constantFrom('..', '.', '', 'a', 'a.b', '%', '%%', '%2E', '/', 'x'.repeat(210)), {
          minLength: 1,
          maxLength: 6,
        })
        .map((parts) => parts.join('/')),
    );
    fc.assert(
      fc.property(key, key, (a, b) => {
        const root = '/data/bucket';
        expect(join(root, keyPath(a)).startsWith(`${root}/`)).toBe(true);
        for (const part of keyPath(a).split('/')) {
          expect(Buffer.byteLength(part)).toBeLessThan(256);
          expect(part.startsWith('.')).toBe(false);
        }
        if (a !== b && a.isWellFormed() && b.isWellFormed()) {
          expect(keyPath(a)).not.toBe(keyPath(b));
          expect(keyPath(a).startsWith(`${keyPath(b)}/`)).toBe(false);
        }
      }),
    );
  });
});

describe('the embedded S3 engine and time', () => {
  it('refuses a presigned URL once it has expired, and a request of another time', async () => {
    let nowMs = Date.now();
    const client = await start(() => nowMs);
    await client.send(new CreateBucketCommand({ Bucket }));
    await put(client, 'signed.txt', 'for a while');
    const url = await getSignedUrl(client, new GetObjectCommand({ Bucket, Key: 'signed.txt' }), { expiresIn: 300 });
    nowMs += 299_000;
    expect((await request(url)).statusCode).toBe(200);
    nowMs += 3_000;
    const late = await request(url);
    expect(late.statusCode).toBe(403);
    expect(await late.body.text()).toContain('Request has expired');
    const skewed = await startS3({
      dataDir: join(folder.path, 'other'),
      port: 0,
      credentials,
      clock: () => Date.now() + 20 * 60_000,
    });
    const stranger = new S3Client({
      endpoint: skewed.endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials,
      maxAttempts: 1,
    });
    expect(await outcome(stranger.send(new CreateBucketCommand({ Bucket: 'skewed' })))).toBe('RequestTimeTooSkewed');
    stranger.destroy();
    await skewed.close();
  });
});
