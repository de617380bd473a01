import type { Logger } from '#shared/logging/logger.js';
import { MemoryStreamLog } from './memory-stream-log.js';
import type { StreamLog } from './stream-log.port.js';

export interface OpenStreamLogOptions {
  /** Absent: streams are of this process alone. */
  readonly redisUrl: string | undefined;
  /** How long a stream goes on without a reader. */
  readonly lingerMs: number;
  readonly log: Logger;
  /** Called with what releases the connections, right after they were opened. */
  defer(name: string, release: () => unknown): void;
}

/** The stream log of a process, usable at once. */
export function openStreamLog({ lingerMs }: OpenStreamLogOptions): StreamLog {
  return new MemoryStreamLog({ lingerMs });
}
