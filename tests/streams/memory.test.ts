import { describe, expect, it } from '@jest/globals';
import { MemoryStreamLog } from '#shared/streams/memory/memory-stream-log.js';
import type { Timer } from '#shared/streams/memory/memory-stream.js';
import { chunk, end, entriesOf, HEAD, newId, startReader } from './log-under-test.js';

/** Time that stands still until it is moved on. */
class ManualTime {
  #now = 0;
  readonly #due = new Set<{ at: number; run: () => void }>();

  readonly timer: Timer = (run, afterMs) => {
    const entry = { at: this.#now + afterMs, run };
    this.#due.add(entry);
    return () => this.#due.delete(entry);
  };

  get pending(): number {
    return this.#due.size;
  }

  pass(ms: number): void {
    this.#now += ms;
    for (const entry of this.#due) {
      if (entry.at > this.#now) continue;
      this.#due.delete(entry);
      entry.run();
    }
  }
}

const LINGER_MS = 30_000;
const KEEP_MS = 600_000;
const MIB = 1024 * 1024;

function openLog(sizes: { maxBytes?: number; shareBytes?: number } = {}) {
  const time = new ManualTime();
  return { time, log: new MemoryStreamLog({ lingerMs: LINGER_MS, keepMs: KEEP_MS, timer: time.timer, ...sizes }) };
}

describe('a stream in memory', () => {
  it('is abandoned when nobody has read for the linger time, and not before', async () => {
    const { log, time } = openLog();
    const writer = await log.open('a', HEAD);
    time.pass(LINGER_MS - 1);
    const readers = [startReader(log, 'a'), startReader(log, 'a')] as const;
    const found = readers.map((reader) => reader.next());
    time.pass(10 * LINGER_MS);
    readers[0].leave();
    time.pass(10 * LINGER_MS);
    expect(writer.abandoned.aborted).toBe(false);
    await readers[1].return();
    await Promise.all(found);
    time.pass(LINGER_MS - 1);
    expect(writer.abandoned.aborted).toBe(false);
    const back = startReader(log, 'a');
    const foundLater = back.next();
    time.pass(LINGER_MS);
    back.leave();
    await foundLater;
    time.pass(LINGER_MS - 1);
    expect(writer.abandoned.aborted).toBe(false);
    time.pass(1);
    expect(writer.abandoned.aborted).toBe(true);
  });

  it('is not abandoned after its end', async () => {
    const { log, time } = openLog();
    const writer = await log.open('a', HEAD);
    await writer.end('done');
    await entriesOf(log, 'a');
    time.pass(LINGER_MS);
    expect(writer.abandoned.aborted).toBe(false);
  });

  it('is kept for a while after its end, then forgotten, and leaves nothing behind', async () => {
    const { log, time } = openLog();
    const writer = await log.open('a', HEAD);
    await writer.append('text');
    time.pass(10 * KEEP_MS);
    await writer.end('done');
    const paused = startReader(log, 'a');
    expect(await paused.next()).toEqual(chunk(1, 'text'));
    time.pass(KEEP_MS - 1);
    expect(await entriesOf(log, 'a')).toEqual([chunk(1, 'text'), end('done')]);
    time.pass(1);
    expect(await entriesOf(log, 'a')).toEqual([]);
    expect(await log.find('a')).toBeNull();
    expect(await paused.next()).toBeUndefined();
    expect([log.bytes, log.size, time.pending]).toEqual([0, 0, 0]);
    await log.open('a', HEAD);
  });
});

describe('the memory of a log', () => {
  it('is bounded: ended streams make room, the oldest end first', async () => {
    const { log } = openLog({ maxBytes: 100_000, shareBytes: 0 });
    const write = async (id: string) => {
      const writer = await log.open(id, HEAD);
      await writer.append('x'.repeat(10_000));
      return writer;
    };
    const [first, second, running] = [await write('first'), await write('second'), await write('running')];
    await second.end('done');
    await first.end('done');
    await write('third');
    expect(log.size).toBe(4);
    await write('fourth');
    expect(await log.find('second')).toBeNull();
    expect(await log.find('first')).toEqual(HEAD);
    await write('fifth');
    expect(await log.find('first')).toBeNull();
    // All that is left is running.
    const tooMuch = await log.open('sixth', HEAD);
    await expect(tooMuch.append('x'.repeat(10_000))).rejects.toMatchObject({ reason: 'full' });
    expect(log.bytes).toBeLessThanOrEqual(100_000);
    await running.append('goes on');
  });

  it('has room for each answer of ordinary length that was begun; rather one more is not begun', async () => {
    const { log } = openLog({ maxBytes: MIB });
    const writers = await Promise.all(Array.from({ length: 10 }, () => log.open(newId(), HEAD)));
    await expect(log.open('one more', HEAD)).rejects.toMatchObject({ reason: 'full' });
    for (let n = 0; n < 4_000; n += 1) await Promise.all(writers.map((writer) => writer.append('word ')));
    await expect(log.open('one more', HEAD)).rejects.toMatchObject({ reason: 'full' });
    await Promise.all(writers.map((writer) => writer.end('done')));
    await log.open('one more', HEAD);
    expect(log.bytes).toBeLessThanOrEqual(MIB);
  });

  it('reserves nothing for what has ended', async () => {
    const { log, time } = openLog();
    const writer = await log.open('a', HEAD);
    expect(log.bytes).toBe(96 * 1024);
    await writer.append('x');
    await writer.end('done');
    expect(log.bytes).toBeLessThan(4 * 1024);
    time.pass(KEEP_MS);
    expect(log.bytes).toBe(0);
  });

  it('does not grow by readers, however many and however slow', async () => {
    const { log } = openLog({ shareBytes: 0 });
    const writer = await log.open('a', HEAD);
    const readers = Array.from({ length: 1_000 }, () => startReader(log, 'a'));
    const found = readers.map((reader) => reader.next());
    await writer.append('first');
    await Promise.all(found);
    const before = log.bytes;
    for (let n = 0; n < 1_000; n += 1) await writer.append('more');
    expect(log.bytes - before).toBe(1_000 * (10 + 2 * 4));
    await writer.end('done');
    expect(await readers[0]!.next()).toEqual(chunk(2, 'more'));
  });

  it('serves 1,000 streams with a reader each', async () => {
    const { log } = openLog();
    const streams = await Promise.all(
      Array.from({ length: 1_000 }, async () => {
        const id = newId();
        return { writer: await log.open(id, HEAD), read: entriesOf(log, id) };
      }),
    );
    for (let n = 0; n < 50; n += 1) await Promise.all(streams.map(({ writer }) => writer.append(`${n} `)));
    await Promise.all(streams.map(({ writer }) => writer.end('done')));
    for (const { read } of streams) expect(await read).toHaveLength(51);
  });
});
