import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startS3 } from '../../infra/local/s3/start-s3.js';
import { ensureBuckets, type ObjectStoreAccess } from '../../infra/provision/buckets.js';

/** The platform's embedded store with the bucket that its environment names, on files that go when it goes. */
const dataDir = await mkdtemp(join(tmpdir(), 'bench-s3-'));
const credentials = { accessKeyId: 'bench', secretAccessKey: randomBytes(24).toString('hex') };
const s3 = await startS3({ dataDir, port: 0, credentials });
const access: ObjectStoreAccess = { endpoint: s3.endpoint, region: 'us-east-1', ...credentials };
await ensureBuckets(access, [process.env['BUCKET'] ?? '']);

const stop = async (): Promise<void> => {
  await s3.close();
  await rm(dataDir, { recursive: true, force: true });
  process.exit();
};
process.once('SIGTERM', () => void stop());
process.once('disconnect', () => void stop());
process.send?.(access);
