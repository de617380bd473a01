import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LLM_SERVICES } from '#shared/events/usage-event.js';
import { bucketOf } from '../provision/bucket-names.js';
import { ensureBuckets } from '../provision/buckets.js';
import { startEngines, type Engines } from './engines.js';
import { lockFolder } from './folder-lock.js';
import { anyFreePort, choosePorts, isFree } from './ports.js';
import type { Progress } from './progress.js';
import { announce, forget } from './running-file.js';
import { localSecrets } from './secrets.js';
import { ServiceProcess } from './service-process.js';
import { subgraphPrograms, supergraphProgram, type ServiceParts } from './services.js';
import type { LocalSettings } from './settings.js';

/** The whole platform, running on this machine. */
export interface Platform {
  readonly url: string;
  readonly engines: Engines;
  readonly services: ReadonlyMap<string, ServiceProcess>;
  /** Services first, then the engines under them. Safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Starts engines, buckets, subgraphs (which bring their own tables and indexes up to date) and the supergraph, and
 * returns once all are ready. Throws an Error in words for the operator, after stopping whatever had started.
 */
export async function startPlatform(settings: LocalSettings, progress: Progress): Promise<Platform> {
  const releases: (() => Promise<unknown>)[] = [];
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= releaseAll(releases));
  try {
    const logDir = await openDataFolder(settings.dataDir);
    releases.push(await lockFolder(settings.dataDir));
    await forget(settings.dataDir);
    const [secrets, ports, port] = await Promise.all([
      localSecrets(settings.dataDir),
      choosePorts({ anywhere: settings.port === 0 }),
      doorPort(settings.port),
    ]);
    const defer = (_name: string, release: () => Promise<unknown>): void => void releases.push(release);
    const engines = await startEngines({ settings, secrets, ports, logDir, progress, defer });
    const { bucketPattern } = settings;
    const buckets = LLM_SERVICES.map((service) => bucketOf(bucketPattern, service));
    await progress.step('history buckets', () => ensureBuckets(engines.s3, buckets));
    const parts: ServiceParts = { engines, bucketPattern, secrets, ports, port, env: settings.env, logDir };
    const services = await startServices(parts, progress, releases);
    const url = `http://127.0.0.1:${port}`;
    const analyticsUrl = `http://127.0.0.1:${ports.analytics}`;
    releases.push(await announce(settings.dataDir, { url, ...engines, analyticsUrl, bucketPattern }));
    return { url, engines, services, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startServices(
  parts: ServiceParts,
  progress: Progress,
  releases: (() => Promise<unknown>)[],
): Promise<Map<string, ServiceProcess>> {
  const onRestart = (name: string, logFile: string): void =>
    progress.note(`${name} stopped unexpectedly and is being started again; its log: ${logFile}`);
  const subgraphs = subgraphPrograms(parts).map((program) => new ServiceProcess(program, onRestart));
  const supergraph = new ServiceProcess(supergraphProgram(parts), onRestart);
  // The services that report go before the one they report to, so that nothing waits in an outbox until the next start.
  let starts: readonly Promise<void>[] = [];
  // Each service that is stopped while it starts has said so before the platform says why it does not start.
  releases.push(() => Promise.allSettled(starts));
  const [reporting, others] = partition(subgraphs, ({ program }) => LLM_SERVICES.some((name) => name === program.name));
  releases.push(() => Promise.all(others.map((service) => service.stop())));
  releases.push(() => Promise.all(reporting.map((service) => service.stop())));
  releases.push(() => supergraph.stop());
  const services = [...subgraphs, supergraph];
  // The first that does not start is the answer: others may be waiting for it.
  starts = services.map((service) => progress.step(service.program.name, () => service.start()));
  await Promise.all(starts);
  return new Map(services.map((service) => [service.program.name, service]));
}

function partition<T>(items: readonly T[], belongs: (item: T) => boolean): [T[], T[]] {
  return [items.filter(belongs), items.filter((item) => !belongs(item))];
}

async function openDataFolder(dataDir: string): Promise<string> {
  const logDir = join(dataDir, 'logs');
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o711 });
    await mkdir(logDir, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new Error(`The data folder ${dataDir} cannot be used: ${(cause as Error).message}`, { cause });
  }
  return logDir;
}

async function doorPort(wished: number): Promise<number> {
  if (wished === 0) return anyFreePort();
  if (await isFree(wished)) return wished;
  throw new Error(
    `Port ${wished} is taken by another program. Stop that program, or choose another port: PORT=${wished + 1} npm start`,
  );
}

async function releaseAll(releases: (() => Promise<unknown>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const release of releases.toReversed()) await release().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw new AggregateError(failures, 'Not everything could be stopped cleanly.');
}
