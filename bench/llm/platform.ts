import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPlatform } from '../../infra/local/platform.js';
import { silentProgress } from '../../infra/local/progress.js';
import { localSettings } from '../../infra/local/settings.js';

/** The whole platform as `npm start` runs it, on data of its own, with its settings from the environment. */
const dataDir = await mkdtemp(join(tmpdir(), 'llm-overhead-'));
const platform = await startPlatform(localSettings({ ...process.env, DATA_DIR: dataDir, PORT: '0' }), silentProgress);
const { endpoint, accessKeyId, secretAccessKey, region } = platform.engines.s3;
let stopping: Promise<void> | undefined;
const stop = (): void => {
  stopping ??= platform.stop().finally(() => rm(dataDir, { recursive: true, force: true }));
  void stopping.finally(() => process.exit());
};
process.once('disconnect', stop);
process.once('SIGTERM', stop);
process.send?.({ url: platform.url, s3: { endpoint, accessKeyId, secretAccessKey, region } });
