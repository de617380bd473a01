import { duration } from '#shared/config/env-fields.js';
import { rateLimitEnv } from '#shared/rate-limit/rate-limit.config.js';

/** Settings of a process that writes or reads streams. */
export const streamEnv = {
  /** Where replicas share their streams. Absent: each process keeps its own. */
  REDIS_URL: rateLimitEnv.REDIS_URL,
  /** How long a generation goes on without a reader. */
  STREAM_LINGER: duration.default(30_000),
};
