import { afterEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { anyFreePort } from '../../infra/local/ports.js';
import { MemoryStreamLog } from '#shared/streams/memory/memory-stream-log.js';
import { openStreamLog } from '#shared/streams/open-stream-log.js';
import type { RedisStreamLog, RedisStreamLogOptions } from '#shared/streams/redis/redis-stream-log.js';
import { redisAtHand } from '../support/redis-under-test.js';
import { RecordedLog } from '../support/recorded-log.js';
import { RedisProcess } from '../support/redis-process.js';
import { chunk, end, entriesOf, HEAD, instanceOn, newId, startReader } from './log-under-test.js';
import { spawnWriter } from './writer-process.js';

const test = redisAtHand({ ownProcess: true }) ? it : it.skip;
const AWAY = 'Redis does not answer: streams wait for it';
const BACK = 'Redis answers again: streams go on';

const releases: (() => unknown)[] = [];
afterEach(async () => {
  for (const release of releases.splice(0).toReversed()) await release();
});

async function startRedis(options: { password?: string } = {}): Promise<RedisProcess> {
  const redis = await RedisProcess.start(options);
  releases.push(() => redis.stop());
  return redis;
}

function openInstance(redis: RedisProcess, options: Partial<RedisStreamLogOptions> = {}): RedisStreamLog {
  const log = instanceOn(redis.url, options);
  releases.push(() => log.close());
  return log;
}

/** Has it write down what it knows, which it then finds again when it is started. */
async function save(redis: RedisProcess): Promise<void> {
  const client = new Redis(redis.url);
  await client.save();
  await client.quit();
}

describe('when the process of a writer is killed', () => {
  test('each reader on each replica gets `lost`, once, after all that was written', async () => {
    const redis = await startRedis();
    const heartbeatMs = 300;
    const logs = [openInstance(redis, { heartbeatMs }), openInstance(redis, { heartbeatMs })];
    const id = newId();
    const keyPrefix = 'llm-supergraph:{streams}:';
    const kill = await spawnWriter({ url: redis.url, keyPrefix, id, heartbeatMs, texts: ['a', 'b'] });
    releases.push(kill);
    const readers = logs.map((log) => startReader(log, id));
    for (const reader of readers) expect(await reader.next()).toEqual(chunk(1, 'a'));
    const entries = [...logs, ...logs].map((log) => entriesOf(log, id));
    await kill();
    for (const all of await Promise.all(entries)) expect(all).toEqual([chunk(1, 'a'), chunk(2, 'b'), end('lost')]);
    for (const reader of readers) {
      expect(await reader.next()).toEqual(chunk(2, 'b'));
      expect(await reader.next()).toEqual(end('lost'));
      expect(await reader.next()).toBeUndefined();
    }
    expect(await entriesOf(logs[0]!, id, { after: 2 })).toEqual([end('lost')]);
  });
});

describe('when Redis goes away', () => {
  test('readers and writers go on when it is back with what it knew', async () => {
    const redis = await startRedis();
    const recorded = new RecordedLog();
    const [writing, reading] = [openInstance(redis, { log: recorded.log }), openInstance(redis)];
    const id = newId();
    const writer = await writing.open(id, HEAD);
    const reader = startReader(reading, id);
    const slow = startReader(reading, id);
    await writer.append('a');
    for (const each of [reader, slow]) expect(await each.next()).toEqual(chunk(1, 'a'));
    await save(redis);
    const next = reader.next();
    await redis.kill();
    const appended = [writer.append('b'), writer.append('c')];
    const found = writing.find(id);
    const joined = entriesOf(reading, id, { after: 1 });
    await recorded.hasLines(1);
    await redis.start();
    await Promise.all(appended);
    await writer.end('done');
    expect(await found).toEqual(HEAD);
    expect([await next, await reader.next(), await reader.next()]).toEqual([chunk(2, 'b'), chunk(3, 'c'), end('done')]);
    expect(await joined).toEqual([chunk(2, 'b'), chunk(3, 'c'), end('done')]);
    expect([await slow.next(), await slow.next()]).toEqual([chunk(2, 'b'), chunk(3, 'c')]);
    expect(recorded.messages).toEqual([AWAY, BACK]);
  });

  test('a chunk whose answer did not come is sent again, and there once', async () => {
    const redis = await startRedis();
    const recorded = new RecordedLog();
    const log = openInstance(redis, { log: recorded.log });
    const id = newId();
    const writer = await log.open(id, HEAD);
    await writer.append('a');
    redis.pause();
    const appended = writer.append('b');
    const ended = writer.end('done');
    await recorded.hasLines(1);
    redis.resume();
    await appended;
    await ended;
    expect(await entriesOf(log, id)).toEqual([chunk(1, 'a'), chunk(2, 'b'), end('done')]);
  });

  test('a writer gives up after a while, and is lost for its readers', async () => {
    const redis = await startRedis();
    const heartbeatMs = 300;
    const [writing, reading] = [
      openInstance(redis, { retryMs: 100, heartbeatMs }),
      openInstance(redis, { heartbeatMs }),
    ];
    const id = newId();
    const writer = await writing.open(id, HEAD);
    await writer.append('a');
    await save(redis);
    await redis.kill();
    // Joins only now, so that no pause of this machine makes the writer look lost before it gives up.
    const entries = entriesOf(reading, id);
    const refused = [writer.append('b'), writer.append('c')].map((appended) =>
      expect(appended).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE', reason: 'unreachable' }),
    );
    await Promise.all(refused);
    await expect(writer.append('d')).rejects.toMatchObject({ reason: 'ended' });
    await writer.end('failed');
    await expect(writing.find(id)).rejects.toMatchObject({ reason: 'unreachable' });
    await expect(writing.requestStop(id)).rejects.toMatchObject({ reason: 'unreachable' });
    await expect(writing.open(newId(), HEAD)).rejects.toMatchObject({ reason: 'unreachable' });
    await redis.start();
    expect(await entries).toEqual([chunk(1, 'a'), end('lost')]);
  });

  test('a reader may leave all the same', async () => {
    const redis = await startRedis();
    const log = openInstance(redis);
    const writer = await log.open('id', HEAD);
    await writer.append('a');
    const waiting = startReader(log, 'id', 1);
    const found = waiting.next();
    await log.find('id');
    await redis.kill();
    const joining = startReader(log, 'id');
    const foundToo = joining.next();
    waiting.leave();
    await joining.return();
    expect(await Promise.all([found, foundToo])).toEqual([undefined, undefined]);
  });

  test('readings end when the log is closed', async () => {
    const redis = await startRedis();
    const log = openInstance(redis);
    await (await log.open('id', HEAD)).append('a');
    const reader = startReader(log, 'id', 1);
    const found = reader.next();
    await log.tick();
    log.close();
    expect(await found).toBeUndefined();
  });

  test('the log never holds its address or its password', async () => {
    const redis = await startRedis({ password: 'very-secret' });
    const recorded = new RecordedLog();
    const log = openInstance(redis, { log: recorded.log, retryMs: 100 });
    await log.open('id', HEAD);
    await redis.kill();
    await expect(log.find('id')).rejects.toMatchObject({ cause: { message: 'The stream log cannot be reached' } });
    await redis.start();
    await recorded.hasLines(2);
    expect(recorded.messages).toEqual([AWAY, BACK]);
    expect(recorded.text).not.toMatch(new RegExp(`secret|redis:|127\\.0\\.0\\.1|${redis.port}`));
  });
});

describe('openStreamLog', () => {
  function open(redisUrl: string | undefined) {
    const recorded = new RecordedLog();
    const held: string[] = [];
    const defer = (name: string, release: () => unknown): void => {
      held.push(name);
      releases.push(release);
    };
    return { log: openStreamLog({ redisUrl, lingerMs: 30_000, log: recorded.log, defer }), recorded, held };
  }

  it('keeps streams in memory without a URL, and holds nothing that must be released', () => {
    const { log, held } = open(undefined);
    expect(log).toBeInstanceOf(MemoryStreamLog);
    expect(held).toEqual([]);
  });

  it('says so when nothing is where the URL leads', async () => {
    const { recorded, held } = open(`redis://127.0.0.1:${await anyFreePort()}`);
    await recorded.hasLines(1);
    expect(recorded.messages).toEqual([AWAY]);
    expect(held).toEqual(['stream log connections']);
  });

  test('shares streams from the first call on when Redis is there', async () => {
    const redis = await startRedis();
    const [one, two] = [open(redis.url), open(redis.url)];
    const writer = await one.log.open('id', HEAD);
    const entries = entriesOf(two.log, 'id');
    await writer.append('a');
    await writer.end('done');
    expect(await entries).toEqual([chunk(1, 'a'), end('done')]);
    expect([...one.recorded.lines, ...two.recorded.lines]).toEqual([]);
  });
});
