import { duration } from '#shared/config/env-fields.js';
import { redisEnv } from '#shared/redis/redis.config.js';

/** Settings of a process that writes or reads streams. */
export const streamEnv = {
  ...redisEnv,
  /** How long a generation goes on without a reader. */
  STREAM_LINGER: duration.default(30_000),
};
