import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { StreamLog, StreamWriter } from '#shared/streams/stream-log.port.js';
import { redisAtHand } from '../support/redis-under-test.js';
import {
  aborted,
  appendAll,
  chunk,
  collected,
  end,
  entriesOf,
  HEAD,
  newId,
  openMemory,
  openOnRedis,
  startReader,
  type LogUnderTest,
} from './log-under-test.js';

const adapters = [
  ['memory', openMemory, true],
  ['Redis', openOnRedis, redisAtHand()],
] as const;

describe.each(adapters)('a stream log on %s', (_, open, atHand) => {
  const test = atHand ? it : it.skip;
  let opened: LogUnderTest | undefined;
  let log: StreamLog;
  /** Another replica's. */
  let other: StreamLog;

  beforeAll(async () => {
    if (!atHand) return;
    opened = await open();
    [log, other] = opened.logs;
  });
  afterAll(() => opened?.close());

  async function written(texts: readonly string[]): Promise<{ id: string; writer: StreamWriter }> {
    const id = newId();
    const writer = await log.open(id, HEAD);
    await appendAll(writer, texts);
    return { id, writer };
  }

  test('says whose a stream is, and nothing of one that there is not', async () => {
    const { id, writer } = await written([]);
    expect(await other.find(id)).toEqual(HEAD);
    await writer.end('done');
    expect(await other.find(id)).toEqual(HEAD);
    expect(await other.find(newId())).toBeNull();
  });

  test('gives chunks as they come, each once and in order, and the end last', async () => {
    const { id, writer } = await written([]);
    const readers = [startReader(log, id), startReader(other, id)];
    for (const [index, text] of ['a', '', 'ñandú 🦙', '\0\n"{}'].entries()) {
      const found = Promise.all(readers.map((reader) => reader.next()));
      await writer.append(text);
      expect(await found).toEqual([chunk(index + 1, text), chunk(index + 1, text)]);
    }
    const last = Promise.all(readers.map((reader) => reader.next()));
    await writer.end('done');
    expect(await last).toEqual([end('done'), end('done')]);
    for (const reader of readers) expect(await reader.next()).toBeUndefined();
  });

  test('takes calls that nobody awaits in their order', async () => {
    const { id, writer } = await written([]);
    const texts = Array.from({ length: 500 }, (_unused, n) => `${n} `);
    const appended = appendAll(writer, texts);
    await writer.end('stopped');
    await appended;
    expect(await entriesOf(other, id)).toEqual([...texts.map((text, n) => chunk(n + 1, text)), end('stopped')]);
  });

  test.each([0, 1, 299, 300, 301, 5_000])('lets a reader join at %i, during the stream and after it', async (after) => {
    const texts = Array.from({ length: 300 }, (_unused, n) => `${n} `);
    const { id, writer } = await written(texts);
    const expected = [...texts.map((text, n) => chunk(n + 1, text)).slice(after), end('failed')];
    const during = [entriesOf(log, id, { after }), entriesOf(other, id, { after })];
    await writer.end('failed');
    const later = [entriesOf(log, id, { after }), entriesOf(other, id, { after })];
    for (const entries of await Promise.all([...during, ...later])) expect(entries).toEqual(expected);
  });

  test('serves many readers at different positions', async () => {
    const texts = Array.from({ length: 400 }, (_unused, n) => `${n} `);
    const { id, writer } = await written(texts.slice(0, 200));
    const positions = Array.from({ length: 40 }, (_unused, n) => n * 7);
    const reading = positions.map((after) => entriesOf(after % 2 ? log : other, id, { after }));
    for (const text of texts.slice(200)) await writer.append(text);
    await writer.end('done');
    const all = texts.map((text, n) => chunk(n + 1, text));
    for (const [index, entries] of (await Promise.all(reading)).entries())
      expect(entries).toEqual([...all.slice(positions[index]), end('done')]);
  });

  test('keeps what characters are made of, also when they are cut in two', async () => {
    const [high, low] = ['🦙'.slice(0, 1), '🦙'.slice(1)] as const;
    const { id, writer } = await written([high, low]);
    await writer.end('done');
    expect(await entriesOf(other, id)).toEqual([chunk(1, high), chunk(2, low), end('done')]);
  });

  test('has nothing to read in a stream that there is not', async () => {
    expect(await entriesOf(log, newId())).toEqual([]);
  });

  test('lets an iteration begin anew', async () => {
    const { id, writer } = await written(['a']);
    await writer.end('done');
    const reading = log.read(id, { after: 0, signal: new AbortController().signal });
    const both = [await collected(reading), await collected(reading)];
    for (const entries of both) expect(entries).toEqual([chunk(1, 'a'), end('done')]);
  });

  test.each([-1, 0.5, Number.NaN, Infinity])('refuses the position %d', (after) => {
    expect(() => log.read('any', { after, signal: new AbortController().signal })).toThrow(RangeError);
  });

  test('refuses an id that is in use, also after the end', async () => {
    const { id, writer } = await written(['a']);
    for (const instance of [log, other])
      await expect(instance.open(id, HEAD)).rejects.toMatchObject({ reason: 'exists' });
    await writer.end('done');
    await expect(other.open(id, HEAD)).rejects.toMatchObject({ reason: 'exists' });
    expect(await entriesOf(log, id)).toEqual([chunk(1, 'a'), end('done')]);
  });

  test('takes nothing after the end, and only the first end', async () => {
    const { id, writer } = await written(['a']);
    await writer.end('stopped');
    await expect(writer.append('b')).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE', reason: 'ended' });
    await writer.end('done');
    await Promise.all([writer.end('failed'), writer.end('done')]);
    expect(await entriesOf(log, id)).toEqual([chunk(1, 'a'), end('stopped')]);
  });

  test('ends as lost a stream that grows too large', async () => {
    const small = await open({ maxStreamBytes: 100_000 });
    try {
      const id = newId();
      const writer = await small.logs[0].open(id, HEAD);
      await writer.append('a');
      await expect(writer.append('x'.repeat(50_000))).rejects.toMatchObject({ reason: 'full' });
      await expect(writer.append('b')).rejects.toMatchObject({ reason: 'ended' });
      await writer.end('done');
      expect(await entriesOf(small.logs[1], id)).toEqual([chunk(1, 'a'), end('lost')]);
    } finally {
      await small.close();
    }
  });

  test('asks a writer to stop from anywhere, as long as it writes', async () => {
    const { id, writer } = await written(['a']);
    expect(writer.stopRequested.aborted).toBe(false);
    expect(await other.requestStop(id)).toBe(true);
    await aborted(writer.stopRequested);
    await writer.end('stopped');
    expect(await other.requestStop(id)).toBe(false);
    expect(await other.requestStop(newId())).toBe(false);
  });

  test('lets a reader go at once: by its signal, by return(), while it waits and while it is paused', async () => {
    const { id, writer } = await written(['a', 'b']);
    for (const instance of [log, other]) {
      const waiting = [startReader(instance, id, 2), startReader(instance, id, 2)] as const;
      const found = waiting.map((reader) => reader.next());
      waiting[0].leave();
      await waiting[1].return();
      expect(await Promise.all(found)).toEqual([undefined, undefined]);
      const paused = [startReader(instance, id), startReader(instance, id)] as const;
      for (const reader of paused) expect(await reader.next()).toEqual(chunk(1, 'a'));
      paused[0].leave();
      await paused[1].return();
      for (const reader of paused) expect(await reader.next()).toBeUndefined();
      expect(await entriesOf(instance, id, { signal: AbortSignal.abort() })).toEqual([]);
    }
    await writer.end('done');
  });

  test('tells a writer that nobody has read, from the opening or since the last one left', async () => {
    const brief = await open({ lingerMs: 30 });
    try {
      const neverRead = await brief.logs[0].open(newId(), HEAD);
      const id = newId();
      const wasRead = await brief.logs[0].open(id, HEAD);
      const readers = brief.logs.map((instance) => startReader(instance, id));
      const found = readers.map((reader) => reader.next());
      for (const reader of readers) reader.leave();
      await Promise.all(found);
      await Promise.all([neverRead, wasRead].map((writer) => aborted(writer.abandoned)));
      await wasRead.append('it may go on for all that');
      await wasRead.end('done');
      expect(await entriesOf(brief.logs[1], id)).toHaveLength(2);
    } finally {
      await brief.close();
    }
  });
});
