import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { historyAccess } from '../../infra/history/access.js';
import { announce } from '../../infra/local/running-file.js';
import { createKeyPair } from '../../infra/init/key-pair.js';
import { temporaryFolder } from '../support/temporary-folder.js';

describe('what history:verify and history:reindex work on', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let named: Record<string, string>;
  beforeAll(async () => {
    folder = await temporaryFolder('history-access');
    const { privateKey } = await createKeyPair();
    named = {
      S3_ACCESS_KEY: 'key',
      S3_SECRET_KEY: 'secret',
      ANALYTICS_URL: 'http://127.0.0.1:1',
      SERVICE_PRIVATE_KEY: privateKey,
    };
    const s3 = { endpoint: 'http://127.0.0.1:2', region: 'us-east-1', accessKeyId: 'key', secretAccessKey: 'secret' };
    const urls = { url: 'http://127.0.0.1:3', databaseUrl: 'postgres:', mongoUrl: 'mongodb:' };
    await announce(folder.path, { ...urls, analyticsUrl: 'http://127.0.0.1:1', s3, bucketPattern: 'mine-{service}' });
    await writeFile(join(folder.path, '.env'), 'EVENTS_TTL_DAYS=400\nS3_ACCESS_KEY=another\n');
  });
  afterAll(() => folder?.remove());

  const daysBy = async (env: Record<string, string>, file = 'none'): Promise<number | undefined> =>
    (await historyAccess({ DATA_DIR: folder.path, ...env }, undefined, join(folder.path, file))).eventsTtlDays;

  it('has EVENTS_TTL_DAYS of the environment, where there is one', async () => {
    expect(await daysBy({ ...named, EVENTS_TTL_DAYS: '30' })).toBe(30);
    expect(await daysBy(named)).toBeUndefined();
    await expect(daysBy({ ...named, EVENTS_TTL_DAYS: '0' })).rejects.toThrow('EVENTS_TTL_DAYS');
  });

  it('has EVENTS_TTL_DAYS of the .env file which npm start reads too, for the platform that it runs', async () => {
    expect(await daysBy({}, '.env')).toBe(400);
    expect(await daysBy({ EVENTS_TTL_DAYS: '30' }, '.env')).toBe(30);
    expect(await daysBy({})).toBeUndefined();
    expect(await daysBy(named, '.env')).toBeUndefined();
  });

  it('comes with the buckets of that platform, of a pattern, or of another deployment', async () => {
    const bucketBy = async (env: Record<string, string>, deployment?: string): Promise<string> =>
      (await historyAccess({ DATA_DIR: folder.path, ...env }, deployment, 'none')).s3For('chat').bucket;
    expect(await bucketBy({})).toBe('mine-chat');
    expect(await bucketBy(named)).toBe('llmhist-chat-dev');
    expect(await bucketBy({ ...named, S3_BUCKET_PATTERN: 'ours.{service}' })).toBe('ours.chat');
    expect(await bucketBy(named, 'prod')).toBe('llmhist-chat-prod');
    expect(await bucketBy({ ...named, S3_BUCKET: 'one' })).toBe('one');
  });
});
