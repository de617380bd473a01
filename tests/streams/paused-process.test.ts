import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openStreamLog } from '#shared/streams/open-stream-log.js';
import { redisAtHand } from '../support/redis-under-test.js';
import { RecordedLog } from '../support/recorded-log.js';
import { RedisProcess } from '../support/redis-process.js';

const LINGER_MS = 500;

/** Lets nothing else run, as loading a module on a busy machine does. */
function standStill(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until;);
}

(redisAtHand({ ownProcess: true }) ? describe : describe.skip)(
  'a stream in Redis whose process reads it and stands still',
  () => {
    let redis: RedisProcess;
    const releases: (() => unknown)[] = [];
    beforeAll(async () => {
      redis = await RedisProcess.start();
    });
    afterAll(async () => {
      for (const release of releases) release();
      await redis?.stop();
    });

    it.each([0, 1, 20, 170])('has a reader all the same, %i ms after that one came', async (afterMs) => {
      const log = openStreamLog({
        redisUrl: redis.url,
        lingerMs: LINGER_MS,
        log: new RecordedLog().log,
        defer: (_name, release) => void releases.push(release),
      });
      const id = `s${afterMs}`;
      const writer = await log.open(id, { userId: 'u1' });
      const leave = new AbortController();
      const first = log.read(id, { after: 0, signal: leave.signal })[Symbol.asyncIterator]().next();
      for (let pause = 0; pause < 4; pause += 1) {
        if (afterMs > 0) await setTimeout(afterMs);
        standStill(LINGER_MS + 200);
      }
      await setTimeout(LINGER_MS + 100);
      expect(writer.abandoned.aborted).toBe(false);
      leave.abort();
      await first;
    });
  },
);
