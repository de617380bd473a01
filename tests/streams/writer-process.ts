import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const LOG = new URL('../../dist/subgraphs/shared/streams/redis/redis-stream-log.js', import.meta.url).href;

export interface WrittenElsewhere {
  readonly url: string;
  readonly keyPrefix: string;
  readonly id: string;
  readonly heartbeatMs: number;
  readonly texts: readonly string[];
}

/** The compiled log in a process of its own that has written texts and is not through. Returns what ends it without warning. */
export async function spawnWriter({ id, texts, ...options }: WrittenElsewhere): Promise<() => Promise<void>> {
  const program = `
    const { RedisStreamLog } = await import(${JSON.stringify(LOG)});
    const silent = { info() {}, warn() {} };
    const log = new RedisStreamLog({ log: silent, lingerMs: 3_600_000, ...${JSON.stringify(options)} });
    const writer = await log.open(${JSON.stringify(id)}, { userId: 'user-1' });
    for (const text of ${JSON.stringify(texts)}) await writer.append(text);
    console.log('written');`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    env: {},
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const ended = exited.then(() => Promise.reject(new Error('the writer ended before it had written')));
  ended.catch(() => undefined);
  await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended]);
  return async () => {
    child.kill('SIGKILL');
    await exited;
  };
}
