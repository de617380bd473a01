import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { RedisProcess, redisIsInstalled } from './redis-process.js';

/** Whether there is a Redis for the tests that need one; says so when there is none. */
export function redisAtHand({ ownProcess = false } = {}): boolean {
  if (redisIsInstalled() || (!ownProcess && process.env['REDIS_URL'])) return true;
  process.stderr.write('skipped on Redis: redis-server is not installed, and REDIS_URL names none\n');
  return false;
}

export interface RedisUnderTest {
  readonly url: string;
  readonly keyPrefix: string;
  /** To look into it, and to put things there. */
  readonly client: Redis;
  stop(): Promise<void>;
}

/** A Redis, and a part of its keys that no other test has: the one that `REDIS_URL` names, or one of its own. */
export async function openRedis(): Promise<RedisUnderTest> {
  const named = process.env['REDIS_URL'];
  const own = named ? undefined : await RedisProcess.start();
  const url = own?.url ?? named!;
  const client = new Redis(url);
  return {
    url,
    keyPrefix: `{test-${randomUUID()}}:`,
    client,
    async stop() {
      await client.quit();
      await own?.stop();
    },
  };
}
