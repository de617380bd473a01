import type { Logger } from '#shared/logging/logger.js';
import { MemoryStreamLog } from './memory/memory-stream-log.js';
import { RedisStreamLog } from './redis/redis-stream-log.js';
import type { StreamLog } from './stream-log.port.js';

export interface OpenStreamLogOptions {
  /** Absent: streams are of this process alone. */
  readonly redisUrl: string | undefined;
  /** How long a stream goes on without a reader; by Redis half a second at least. */
  readonly lingerMs: number;
  /** What streams of this process alone may take, in bytes. */
  readonly memoryBytes?: number;
  readonly log: Logger;
  /** Called with what releases the connections, right after they were opened. */
  defer(name: string, release: () => unknown): void;
}

/** A reader tells the writer that it is there by Redis, which takes its time. */
const SHORTEST_SHARED_LINGER_MS = 500;

/** The stream log of a process, usable at once: calls wait for Redis for a while. */
export function openStreamLog({ redisUrl, lingerMs, memoryBytes, log, defer }: OpenStreamLogOptions): StreamLog {
  if (redisUrl === undefined)
    return new MemoryStreamLog({ lingerMs, ...(memoryBytes !== undefined && { maxBytes: memoryBytes }) });
  if (lingerMs < SHORTEST_SHARED_LINGER_MS) {
    log.warn({ lingerMs: SHORTEST_SHARED_LINGER_MS }, 'STREAM_LINGER is shorter than streams in Redis allow');
  }
  const shared = new RedisStreamLog({ url: redisUrl, log, lingerMs: Math.max(lingerMs, SHORTEST_SHARED_LINGER_MS) });
  defer('stream log connections', () => shared.close());
  return shared;
}
