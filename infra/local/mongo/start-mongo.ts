import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { lockFolder } from '../folder-lock.js';
import type { EngineReport, EngineWorkerData } from './engine-worker.js';

export interface MongoOptions {
  readonly dataDir: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly host?: string;
  /** The most that its documents and what it works out may take in memory; Node's own limit by default. */
  readonly maxHeapMb?: number;
}

export interface StartedMongo {
  readonly url: string;
  /** What was being written is on the disk afterwards. Safe to call twice. */
  close(): Promise<void>;
}

/** The compiled program of the thread, beside this file or, where sources run as they are (tests), below `dist`. */
const ENTRY = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts') ? '../../../dist/infra/local/mongo/engine-worker.js' : './engine-worker.js',
    import.meta.url,
  ),
);
const CLOSE_WITHIN_MS = 10_000;

/**
 * Starts the embedded MongoDB engine in a thread of its own, where a long aggregation holds up nobody but its clients.
 * Returns once it listens. Throws an Error for the operator: its data is damaged or in use, or its port is taken.
 * Should the thread end later, that is said on stderr.
 */
export async function startMongo(options: MongoOptions): Promise<StartedMongo> {
  const { dataDir, port, host = '127.0.0.1', maxHeapMb } = options;
  await mkdir(dataDir, { recursive: true });
  const unlock = await lockFolder(dataDir);
  const worker = new Worker(ENTRY, {
    workerData: { dataDir, port, host } satisfies EngineWorkerData,
    // What Node was started with is about another program; some of it a thread even refuses.
    execArgv: [],
    ...(maxHeapMb && { resourceLimits: { maxOldGenerationSizeMb: maxHeapMb } }),
  });
  let reason = 'it ended by itself';
  worker.on('error', (error) => (reason = error instanceof Error ? error.message : String(error)));
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  let closing = false;
  try {
    const report = await Promise.race([firstReport(worker), exited.then(() => undefined)]);
    if (!report) throw new Error(`The MongoDB-compatible engine did not start: ${reason}.`);
    if (report.kind === 'failed') throw new Error(wordsFor(report, host, port));
    void exited.then(() => closing || sayOnStderr(reason));
    return {
      url: `mongodb://${host}:${report.port}`,
      close: async () => {
        closing = true;
        await close(worker, exited);
        await unlock();
      },
    };
  } catch (error) {
    await worker.terminate();
    await unlock();
    throw error;
  }
}

function firstReport(worker: Worker): Promise<EngineReport> {
  return new Promise((resolve) => worker.once('message', resolve));
}

/** An acknowledged write is on the disk already, so an engine that does not come to an end may be cut short. */
async function close(worker: Worker, exited: Promise<void>): Promise<void> {
  const late = setTimeout(() => void worker.terminate(), CLOSE_WITHIN_MS);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- A thread has no origin.
  worker.postMessage('close');
  await exited;
  clearTimeout(late);
}

function wordsFor({ message, code }: EngineReport & { kind: 'failed' }, host: string, port: number): string {
  const reason = code === 'EADDRINUSE' ? `port ${port} of ${host} is taken by another program.` : message;
  return `The MongoDB-compatible engine did not start: ${reason}`;
}

function sayOnStderr(reason: string): void {
  process.stderr.write(
    `The MongoDB-compatible engine has stopped: ${reason}. Analytics is down until the platform is started again; what it had acknowledged is kept.\n`,
  );
}
