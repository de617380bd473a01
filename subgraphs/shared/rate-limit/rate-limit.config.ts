// cspell:words rediss
import { z } from 'zod';

/** Settings of a process that keeps rate limits. */
export const rateLimitEnv = {
  /** Where replicas share their budgets. Absent: each process keeps its own. */
  REDIS_URL: z.url({ protocol: /^rediss?$/, hostname: /./, error: 'must be a redis:// or rediss:// URL' }).optional(),
};
