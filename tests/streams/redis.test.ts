import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { setImmediate } from 'node:timers/promises';
import type { StreamEntry } from '#shared/streams/stream-log.port.js';
import { RecordedLog } from '../support/recorded-log.js';
import { redisAtHand } from '../support/redis-under-test.js';
import {
  aborted,
  appendAll,
  chunk,
  end,
  entriesOf,
  HEAD,
  NEVER_MS,
  newId,
  RedisLogs,
  startReader,
} from './log-under-test.js';

const test = redisAtHand() ? it : it.skip;
/** Nothing happens by itself: the test says when. */
const STILL = { tickMs: NEVER_MS };

describe('streams in Redis', () => {
  let redis: RedisLogs;

  beforeAll(async () => {
    if (redisAtHand()) redis = await RedisLogs.start();
  });
  afterEach(() => redis?.closeInstances());
  afterAll(() => redis?.stop());

  const headKey = (id: string): string => `${redis.server.keyPrefix}head:${id}`;
  const logKey = (id: string): string => `${redis.server.keyPrefix}log:${id}`;

  /** As if that had been so long ago. */
  async function setBack(id: string, field: 'seen' | 'alive' | 'suspect', ms: number): Promise<void> {
    await redis.server.client.hincrby(headKey(id), field, -ms);
  }

  async function cut(kind: 'normal' | 'pubsub'): Promise<void> {
    await redis.server.client.call('CLIENT', 'KILL', 'TYPE', kind, 'SKIPME', 'yes');
  }

  const connectionsOf = async (): Promise<number> =>
    ((await redis.server.client.client('LIST')) as string).trim().split('\n').length;

  test('are abandoned when nobody has read on any replica, and only then', async () => {
    const [writing, reading] = [redis.instance({ ...STILL, lingerMs: 60_000 }), redis.instance(STILL)];
    const id = newId();
    const writer = await writing.open(id, HEAD);
    const reader = startReader(reading, id);
    const found = reader.next();
    await writer.append('a');
    await found;
    for (let round = 0; round < 2; round += 1) {
      await setBack(id, 'seen', 120_000);
      await reading.tick();
      await writing.tick();
      expect(writer.abandoned.aborted).toBe(false);
    }
    reader.leave();
    await reading.tick();
    await writing.tick();
    expect(writer.abandoned.aborted).toBe(false);
    await setBack(id, 'seen', 60_000);
    await reading.tick();
    await writing.tick();
    expect(writer.abandoned.aborted).toBe(true);
  });

  test('tell a writer elsewhere to stop, with its next chunk or its next sign of life', async () => {
    const [writing, other] = [redis.instance(STILL), redis.instance(STILL)];
    const [talking, silent] = [newId(), newId()];
    const writers = [await writing.open(talking, HEAD), await writing.open(silent, HEAD)] as const;
    for (const id of [talking, silent]) expect(await other.requestStop(id)).toBe(true);
    await writers[0].append('a');
    expect(writers.map(({ stopRequested }) => stopRequested.aborted)).toEqual([true, false]);
    await writing.tick();
    expect(writers[1].stopRequested.aborted).toBe(true);
  });

  test('are lost when the writer gives no sign of life; all readers and the late writer agree', async () => {
    const heartbeatMs = 60_000;
    const [writing, ...others] = Array.from({ length: 3 }, () => redis.instance({ ...STILL, heartbeatMs }));
    const id = newId();
    const writer = await writing!.open(id, HEAD);
    await appendAll(writer, ['a', 'b']);
    const reading = others.map((log) => entriesOf(log, id));
    const readers = others.map((log) => startReader(log, id));
    for (const reader of readers) expect(await reader.next()).toEqual(chunk(1, 'a'));
    await setBack(id, 'alive', heartbeatMs + 1);
    await Promise.all(others.map((log) => log.tick()));
    expect(await redis.server.client.xlen(logKey(id))).toBe(2);
    await setBack(id, 'suspect', heartbeatMs);
    await Promise.all(others.map((log) => log.tick()));
    for (const entries of reading) expect(await entries).toEqual([chunk(1, 'a'), chunk(2, 'b'), end('lost')]);
    expect(await redis.server.client.xlen(logKey(id))).toBe(3);
    await expect(writer.append('c')).rejects.toMatchObject({ reason: 'ended' });
    await writer.end('done');
    expect(await entriesOf(writing!, id, { after: 2 })).toEqual([end('lost')]);
  });

  test('are not lost when a suspected writer comes back', async () => {
    const heartbeatMs = 60_000;
    const [writing, reading] = [redis.instance({ ...STILL, heartbeatMs }), redis.instance({ ...STILL, heartbeatMs })];
    const id = newId();
    const writer = await writing.open(id, HEAD);
    const entries = entriesOf(reading, id);
    for (let outage = 0; outage < 2; outage += 1) {
      await writer.append('x');
      await setBack(id, 'alive', heartbeatMs + 1);
      await entriesOf(reading, id, { signal: AbortSignal.abort() });
      await reading.tick();
      await writing.tick();
      expect(await redis.server.client.hexists(headKey(id), 'suspect')).toBe(0);
    }
    await writer.end('done');
    expect(await entries).toEqual([chunk(1, 'x'), chunk(2, 'x'), end('done')]);
  });

  test('are kept for a while: longer when running than after the end', async () => {
    const log = redis.instance({ keepMs: 600_000, runMs: 3_600_000 });
    const id = newId();
    const writer = await log.open(id, HEAD);
    await writer.append('a');
    const leftMs = (): Promise<number[]> =>
      Promise.all([headKey(id), logKey(id)].map((key) => redis.server.client.pttl(key)));
    for (const ms of await leftMs()) expect(ms).toBeGreaterThan(600_000);
    await writer.end('done');
    for (const ms of await leftMs()) {
      expect(ms).toBeGreaterThan(0);
      expect(ms).toBeLessThanOrEqual(600_000);
    }
  });

  test('finish without an end for those who read them when they are gone', async () => {
    const log = redis.instance();
    const id = newId();
    const writer = await log.open(id, HEAD);
    await writer.append('a');
    const entries = entriesOf(log, id);
    await redis.server.client.del(headKey(id), logKey(id));
    expect([[], [chunk(1, 'a')]]).toContainEqual(await entries);
    await expect(writer.append('b')).rejects.toMatchObject({ reason: 'ended' });
    expect(await log.find(id)).toBeNull();
  });

  test('end as lost, and never with a gap, when Redis has lost what it had taken', async () => {
    const log = redis.instance(STILL);
    const id = newId();
    const writer = await log.open(id, HEAD);
    await appendAll(writer, ['a', 'b', 'c']);
    // As after a failover to a replica that lagged behind.
    await redis.server.client.xdel(logKey(id), '3-0');
    await redis.server.client.xsetid(logKey(id), '2-0');
    await redis.server.client.hset(headKey(id), 'seq', 2);
    await expect(writer.append('d')).rejects.toMatchObject({ reason: 'ended' });
    expect(await entriesOf(log, id)).toEqual([chunk(1, 'a'), chunk(2, 'b'), end('lost')]);
  });

  test('take two connections of a process, however many are read and written', async () => {
    const [writing, reading] = [redis.instance(), redis.instance()];
    await Promise.all([writing.find('any'), reading.find('any')]);
    const before = await connectionsOf();
    const streams = await Promise.all(
      Array.from({ length: 200 }, async () => {
        const id = newId();
        return { writer: await writing.open(id, HEAD), entries: entriesOf(reading, id) };
      }),
    );
    for (const text of ['a', 'b', 'c']) await Promise.all(streams.map(({ writer }) => writer.append(text)));
    expect(await connectionsOf()).toBe(before);
    await Promise.all(streams.map(({ writer }) => writer.end('done')));
    for (const { entries } of streams)
      expect(await entries).toEqual([chunk(1, 'a'), chunk(2, 'b'), chunk(3, 'c'), end('done')]);
  });

  test('keep a bounded part in memory, however far readers are behind', async () => {
    const [writing, reading] = [redis.instance(), redis.instance()];
    const id = newId();
    const writer = await writing.open(id, HEAD);
    const slow = startReader(reading, id);
    const first = slow.next();
    const eager = entriesOf(reading, id);
    for (let n = 0; n < 2_000; n += 1) {
      await writer.append('x'.repeat(400));
      expect(reading.bytes).toBeLessThanOrEqual(64 * 1024);
    }
    await writer.end('done');
    expect(await eager).toHaveLength(2_001);
    expect(reading.bytes).toBeLessThanOrEqual(64 * 1024);
    const seen: (StreamEntry | undefined)[] = [await first];
    while (seen.at(-1)?.kind === 'chunk') seen.push(await slow.next());
    expect(seen).toHaveLength(2_001);
    await slow.return();
    expect([writing.bytes, reading.bytes]).toEqual([0, 0]);
  });

  test('go on when connections are cut, again and again: no chunk lost, none doubled', async () => {
    const [writing, reading] = [redis.instance(), redis.instance()];
    const id = newId();
    const writer = await writing.open(id, HEAD);
    const entries = [entriesOf(reading, id), entriesOf(writing, id), entriesOf(reading, id, { after: 50 })];
    const texts = Array.from({ length: 100 }, (_, n) => `${n} `);
    for (const [n, text] of texts.entries()) {
      const appended = writer.append(text);
      if (n % 10 === 5) await cut(n % 20 === 5 ? 'normal' : 'pubsub');
      if (n % 3) await appended;
      await setImmediate();
    }
    await writer.end('done');
    const all = [...texts.map((text, n) => chunk(n + 1, text)), end('done')];
    expect(await Promise.all(entries)).toEqual([all, all, all.slice(50)]);
  });

  test('bring what was published while the connection that hears of it was away', async () => {
    const [writing, reading] = [redis.instance(STILL), redis.instance(STILL)];
    const id = newId();
    const writer = await writing.open(id, HEAD);
    const entries = entriesOf(reading, id);
    const reader = startReader(reading, id);
    await writer.append('a');
    expect(await reader.next()).toEqual(chunk(1, 'a'));
    await cut('pubsub');
    await appendAll(writer, ['b', 'c']);
    await writer.end('done');
    expect(await entries).toEqual([chunk(1, 'a'), chunk(2, 'b'), chunk(3, 'c'), end('done')]);
  });

  test.each([
    ['subscribe', '+@all -subscribe &*'],
    ['publish or subscribe to its channels', '+@all resetchannels'],
  ])('come all the same, and the log says why they are slow, where a user may not %s', async (_, rules) => {
    const { client, url } = redis.server;
    const recorded = new RecordedLog();
    await client.call('ACL', 'SETUSER', 'deaf', 'reset', 'on', '>secret', '~*', ...rules.split(' '));
    const log = redis.instance({ url: url.replace('redis://', 'redis://deaf:secret@'), log: recorded.log });
    const id = newId();
    const writer = await log.open(id, HEAD);
    const reader = startReader(log, id);
    for (const [at, text] of ['a', 'b'].entries()) {
      await writer.append(text);
      expect(await reader.next()).toEqual(chunk(at + 1, text));
    }
    await recorded.hasLines(1);
    expect(JSON.parse(recorded.text)).toMatchObject({
      level: 'warn',
      reason: 'NOPERM',
      msg: expect.stringMatching(/slow$/),
    });
    await writer.end('done');
    expect(await reader.next()).toEqual(end('done'));
  });

  test('are heard of no more when nobody here reads them', async () => {
    const log = redis.instance(STILL);
    const id = newId();
    const writer = await log.open(id, HEAD);
    await writer.append('a');
    const readers = [startReader(log, id), startReader(log, id)];
    for (const reader of readers) expect(await reader.next()).toEqual(chunk(1, 'a'));
    const listeners = async (): Promise<unknown> => redis.server.client.pubsub('NUMSUB', logKey(id));
    expect(await listeners()).toEqual([logKey(id), 1]);
    readers[0]?.leave();
    expect(await listeners()).toEqual([logKey(id), 1]);
    readers[1]?.leave();
    while (((await listeners()) as unknown[])[1] !== 0) await setImmediate();
    expect(log.bytes).toBe(0);
  });

  test('are found again when Redis has forgotten the scripts', async () => {
    const log = redis.instance();
    const id = newId();
    const writer = await log.open(id, HEAD);
    await writer.append('a');
    await redis.server.client.script('FLUSH');
    await writer.append('b');
    await redis.server.client.script('FLUSH');
    expect(await log.requestStop(id)).toBe(true);
    await aborted(writer.stopRequested);
    await writer.end('stopped');
    expect(await entriesOf(log, id)).toEqual([chunk(1, 'a'), chunk(2, 'b'), end('stopped')]);
  });
});
