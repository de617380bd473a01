import { randomUUID } from 'node:crypto';
import { MemoryStreamLog } from '#shared/streams/memory/memory-stream-log.js';
import { RedisStreamLog, type RedisStreamLogOptions } from '#shared/streams/redis/redis-stream-log.js';
import type { StreamEntry, StreamHead, StreamLog, StreamWriter } from '#shared/streams/stream-log.port.js';
import { openRedis, type RedisUnderTest } from '../support/redis-under-test.js';
import { RecordedLog } from '../support/recorded-log.js';

export const HEAD: StreamHead = { userId: 'user-1' };
/** Longer than any test: nothing happens because it is over. */
export const NEVER_MS = 3_600_000;
/** Here a slow machine is no outage, and nobody is lost. */
const PATIENT = { lingerMs: NEVER_MS, heartbeatMs: NEVER_MS, retryMs: 60_000, tickMs: 50 };

export interface LogUnderTest {
  /** Two instances on the same streams, as two replicas have them; in memory there is but one. */
  readonly logs: readonly [StreamLog, StreamLog];
  close(): Promise<void>;
}

interface Times {
  readonly lingerMs?: number;
  readonly maxStreamBytes?: number;
}

/** Instances on one Redis, for the time of a test. */
export class RedisLogs {
  readonly #opened: RedisStreamLog[] = [];

  constructor(readonly server: RedisUnderTest) {}

  static async start(): Promise<RedisLogs> {
    return new RedisLogs(await openRedis());
  }

  instance(options: Partial<RedisStreamLogOptions> = {}): RedisStreamLog {
    const { url, keyPrefix } = this.server;
    const log = instanceOn(url, { keyPrefix, ...options });
    this.#opened.push(log);
    return log;
  }

  closeInstances(): void {
    for (const log of this.#opened.splice(0)) log.close();
  }

  async stop(): Promise<void> {
    this.closeInstances();
    await this.server.stop();
  }
}

export function instanceOn(url: string, options: Partial<RedisStreamLogOptions> = {}): RedisStreamLog {
  return new RedisStreamLog({ url, log: new RecordedLog().log, ...PATIENT, ...options });
}

export async function openMemory(times: Times = {}): Promise<LogUnderTest> {
  const log = new MemoryStreamLog({ lingerMs: NEVER_MS, ...times });
  return { logs: [log, log], close: async () => undefined };
}

export async function openOnRedis(times: Times = {}): Promise<LogUnderTest> {
  const redis = await RedisLogs.start();
  return { logs: [redis.instance(times), redis.instance(times)], close: () => redis.stop() };
}

export const newId = (): string => randomUUID();

/** Everything that comes after a position, until the end or the signal. */
export async function entriesOf(
  log: StreamLog,
  id: string,
  { after = 0, signal = new AbortController().signal } = {},
): Promise<StreamEntry[]> {
  return collected(log.read(id, { after, signal }));
}

export async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

export const chunk = (seq: number, text: string): StreamEntry => ({ kind: 'chunk', chunk: { seq, text } });

export const end = (outcome: 'done' | 'failed' | 'stopped' | 'lost'): StreamEntry => ({
  kind: 'end',
  end: { outcome },
});

/** Somebody who reads one entry at a time. */
export function startReader(log: StreamLog, id: string, after = 0) {
  const leave = new AbortController();
  const entries = log.read(id, { after, signal: leave.signal })[Symbol.asyncIterator]();
  return {
    next: async (): Promise<StreamEntry | undefined> => {
      const { done, value } = await entries.next();
      return done ? undefined : value;
    },
    return: async (): Promise<void> => void (await entries.return?.()),
    leave: (): void => leave.abort(),
  };
}

export async function appendAll(writer: StreamWriter, texts: readonly string[]): Promise<void> {
  await Promise.all(texts.map((text) => writer.append(text)));
}

/** Resolves when the signal aborts. */
export async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
