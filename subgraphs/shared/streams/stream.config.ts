import { duration, integer } from '#shared/config/env-fields.js';
import { MEMORY_LOG_BYTES } from './text-size.js';
import { redisEnv } from '#shared/redis/redis.config.js';

/** Settings of a process that writes or reads streams. */
export const streamEnv = {
  ...redisEnv,
  /** How long a generation goes on without a reader. */
  STREAM_LINGER: duration.default(30_000),
  /** Without Redis: what the streams of a process may take in memory, in bytes; one more is refused before that. */
  STREAM_MEMORY_BYTES: integer(1_048_576, 68_719_476_736).default(MEMORY_LOG_BYTES),
};
