import { join } from 'node:path';
import { S3ObjectStore, type S3Settings } from '#shared/history/store/s3-object-store.js';
import { startS3 } from '../../infra/local/s3/start-s3.js';
import { ensureBuckets } from '../../infra/provision/buckets.js';
import { temporaryFolder } from '../support/temporary-folder.js';

export interface EmbeddedObjectStore {
  readonly store: S3ObjectStore;
  readonly settings: S3Settings & { readonly endpoint: string };
  /** Takes the engine away; the store stays. */
  halt(): Promise<void>;
  stop(): Promise<void>;
}

/** The S3 adapter on a bucket of an embedded engine of its own. */
export async function openEmbeddedStore(): Promise<EmbeddedObjectStore> {
  const folder = await temporaryFolder('history');
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test-secret' };
  const s3 = await startS3({ dataDir: join(folder.path, 's3'), port: 0, credentials });
  const settings = { endpoint: s3.endpoint, region: 'us-east-1', ...credentials, bucket: 'history' };
  await ensureBuckets(settings, [settings.bucket]);
  const store = new S3ObjectStore(settings);
  let running = true;
  const halt = async (): Promise<void> => {
    if (running) await s3.close();
    running = false;
  };
  const stop = async (): Promise<void> => {
    await store.close();
    await halt();
    await folder.remove();
  };
  return { store, settings, halt, stop };
}
