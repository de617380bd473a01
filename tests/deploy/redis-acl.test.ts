import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { RedisRateLimiter } from '#shared/rate-limit/redis-rate-limiter.js';
import { charge } from '../rate-limit/limiter-under-test.js';
import { redisAtHand } from '../support/redis-under-test.js';
import { RecordedLog } from '../support/recorded-log.js';
import { RedisProcess } from '../support/redis-process.js';
import { chunk, end, HEAD, instanceOn, newId, startReader } from '../streams/log-under-test.js';

const PATIENT_MS = 20_000;
const PASSWORD = 'of-this-test';
const guide = await readFile(resolve(import.meta.dirname, '../../docs/deploy.md'), 'utf8');

(redisAtHand({ ownProcess: true }) ? describe : describe.skip)('the Redis user of docs/deploy.md', () => {
  let server: RedisProcess;
  let operator: Redis;
  let url: string;
  beforeAll(async () => {
    server = await RedisProcess.start();
    operator = new Redis(server.url);
    const [, name = '', rules = ''] = /^user (\S+) (.*)$/m.exec(guide) ?? [];
    await operator.call('ACL', 'SETUSER', name, ...rules.replace('<password>', PASSWORD).split(' '));
    url = server.url.replace('//', `//${name}:${PASSWORD}@`);
  });
  afterAll(async () => {
    operator?.disconnect();
    await server?.stop();
  });

  it('may do all that streams and limits need, under their own keys and channels', async () => {
    const [log, other] = [instanceOn(url), instanceOn(url)];
    const patience = { connectTimeoutMs: PATIENT_MS, commandTimeoutMs: PATIENT_MS };
    const limiter = new RedisRateLimiter({ url, log: new RecordedLog().log, ...patience });
    const id = newId();
    const writer = await log.open(id, HEAD);
    const reader = startReader(other, id);
    for (const [index, text] of ['a', 'b'].entries()) {
      await writer.append(text);
      expect(await reader.next()).toEqual(chunk(index + 1, text));
    }
    await writer.end('done');
    expect(await reader.next()).toEqual(end('done'));
    expect(await limiter.consume([charge('ana')])).toMatchObject({ accepted: true });
    for (const part of [log, other, limiter]) part.close();
    expect(await operator.call('ACL', 'LOG')).toEqual([]);
  });

  it('may nothing else', async () => {
    const user = new Redis(url, { enableReadyCheck: false });
    await expect(user.get('others')).rejects.toThrow('NOPERM');
    await expect(user.publish('others', '')).rejects.toThrow('NOPERM');
    await expect(user.config('GET', '*')).rejects.toThrow('NOPERM');
    user.disconnect();
  });
});
