import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout } from 'node:timers/promises';
import { openStreamLog } from '#shared/streams/open-stream-log.js';
import { RecordedLog } from '../support/recorded-log.js';
import { redisIsInstalled, RedisProcess } from '../support/redis-process.js';

(redisIsInstalled() ? describe : describe.skip)('STREAM_LINGER of no time at all, on Redis', () => {
  let redis: RedisProcess;
  const releases: (() => unknown)[] = [];
  beforeAll(async () => {
    redis = await RedisProcess.start();
  });
  afterAll(async () => {
    for (const release of releases) release();
    await redis?.stop();
  });

  it('ends no answer that is read elsewhere, and is told to the operator', async () => {
    const recorded = new RecordedLog();
    const open = () =>
      openStreamLog({
        redisUrl: redis.url,
        lingerMs: 0,
        log: recorded.log,
        defer: (_name, release) => void releases.push(release),
      });
    const [writing, reading] = [open(), open()];
    const writer = await writing.open('read', { userId: 'u1' });
    const leave = new AbortController();
    const entries = reading.read('read', { after: 0, signal: leave.signal })[Symbol.asyncIterator]();
    const first = entries.next();
    await writer.append('Hola');
    expect((await first).value).toMatchObject({ kind: 'chunk' });
    // Three times as long as it takes to be abandoned by everybody.
    await setTimeout(1_500);
    expect(writer.abandoned.aborted).toBe(false);
    leave.abort();
    await new Promise((resolve) => writer.abandoned.addEventListener('abort', resolve, { once: true }));
    expect(recorded.messages).toContain('STREAM_LINGER is shorter than streams in Redis allow');
  });
});
