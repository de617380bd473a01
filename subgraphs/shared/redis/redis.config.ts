// cspell:words rediss
import { z } from 'zod';

/** Settings of a process that shares rate limits or streams with others. */
export const redisEnv = {
  /** Where replicas share them. Absent: each process keeps its own. */
  REDIS_URL: z.url({ protocol: /^rediss?$/, hostname: /./, error: 'must be a redis:// or rediss:// URL' }).optional(),
};
