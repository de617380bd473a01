import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface MongoProcess {
  readonly url: string;
  /** Ends it as a power cut would: it is not told. */
  kill(): Promise<void>;
  /** The next line that it writes to stderr. */
  complaint(): Promise<string>;
}

const START_MONGO = new URL('../../dist/infra/local/mongo/start-mongo.js', import.meta.url).href;

/** The compiled engine in a process of its own, so that a test can end it without leave. */
export async function spawnMongo(options: {
  dataDir: string;
  port: number;
  maxHeapMb?: number;
}): Promise<MongoProcess> {
  const program = `
    const { startMongo } = await import(${JSON.stringify(START_MONGO)});
    const { url } = await startMongo(${JSON.stringify(options)});
    console.log(url);
    setInterval(() => undefined, 1_000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    env: {},
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const complaints = createInterface({ input: child.stderr });
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('the engine ended before it said its URL')));
  ended.catch(() => undefined);
  const [url] = (await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended])) as [string];
  return {
    url,
    kill: () => kill(child),
    complaint: async () => ((await once(complaints, 'line')) as [string])[0],
  };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
