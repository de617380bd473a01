import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { anyFreePort } from '../../infra/local/ports.js';
import { startPlatform, type Platform } from '../../infra/local/platform.js';
import { silentProgress } from '../../infra/local/progress.js';
import { localSecrets } from '../../infra/local/secrets.js';
import { ServiceProcess } from '../../infra/local/service-process.js';
import { createKeyPair, type KeyPair } from '../../infra/init/key-pair.js';
import { platformSettings } from './platform-settings.js';
import { temporaryFolder } from './temporary-folder.js';

/** The whole platform with its keys in the hands of the test, in the middle of a rotation: two keys check users' tokens. */
export interface EdgeSystem {
  readonly url: string;
  readonly platform: Platform;
  readonly keys: {
    /** Signs users' tokens now. */
    readonly current: KeyPair;
    /** Signed them before, and is still trusted. */
    readonly former: KeyPair;
    readonly service: KeyPair;
  };
  urlOf(service: string): string;
  /** What a service has logged so far. */
  logOf(service: string): Promise<string>;
  /** One more supergraph beside the first, with the same settings but for these. */
  addSupergraph(env?: Record<string, string>): Promise<ServiceProcess>;
  stop(): Promise<void>;
}

export async function startEdgeSystem(env: Record<string, string> = {}): Promise<EdgeSystem> {
  const folder = await temporaryFolder('edge');
  const former = await createKeyPair();
  const secrets = await withTwoKeys(folder.path, former);
  const settings = platformSettings(folder.path, env);
  const platform = await startPlatform(settings, silentProgress).catch(async (error: unknown) => {
    await folder.remove();
    throw error;
  });
  const added: ServiceProcess[] = [];
  const programOf = (name: string) => {
    const service = platform.services.get(name);
    if (!service) throw new Error(`There is no service ${name}.`);
    return service.program;
  };
  return {
    url: platform.url,
    platform,
    keys: { current: secrets.user, former, service: secrets.service },
    urlOf: (service) => programOf(service).url,
    logOf: (service) => readFile(programOf(service).logFile, 'utf8'),
    async addSupergraph(overrides = {}) {
      const program = programOf('supergraph');
      const port = await anyFreePort();
      const service = new ServiceProcess(
        {
          ...program,
          url: `http://127.0.0.1:${port}`,
          env: { ...program.env, ...overrides, PORT: String(port) },
        },
        () => undefined,
      );
      added.push(service);
      await service.start();
      return service;
    },
    async stop() {
      await Promise.all(added.map((service) => service.stop()));
      await platform.stop();
      await folder.remove();
    },
  };
}

/** Puts the secrets of a data folder in place before its first start, with a second key that checks users' tokens. */
async function withTwoKeys(dataDir: string, former: KeyPair): ReturnType<typeof localSecrets> {
  await mkdir(dataDir, { recursive: true });
  const secrets = await localSecrets(dataDir);
  const user = { ...secrets.user, publicKey: `${secrets.user.publicKey.trim()}\n${former.publicKey}` };
  await writeFile(join(dataDir, 'secrets.json'), JSON.stringify({ ...secrets, user }), { mode: 0o600 });
  return secrets;
}
