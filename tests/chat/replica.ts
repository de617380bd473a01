import { anyFreePort } from '../../infra/local/ports.js';
import { ServiceProcess } from '../../infra/local/service-process.js';
import type { System } from '../support/system.js';

export interface Replica {
  readonly url: string;
  readonly process: ServiceProcess;
}

/** One more process of a service beside the platform's own, with the same settings but for these. Its user stops it. */
export async function startReplica(
  { platform }: System,
  name: string,
  env: Record<string, string> = {},
): Promise<Replica> {
  const service = platform.services.get(name);
  if (!service) throw new Error(`There is no service ${name}.`);
  const { program } = service;
  const port = await anyFreePort();
  const url = `http://127.0.0.1:${port}`;
  const logFile = program.logFile.replace(/\.log$/, `-${port}.log`);
  const replica = new ServiceProcess(
    { ...program, url, logFile, env: { ...program.env, ...env, PORT: String(port) } },
    () => undefined,
  );
  try {
    await replica.start();
  } catch (error) {
    await replica.stop();
    throw error;
  }
  return { url, process: replica };
}
