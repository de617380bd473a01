import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { deepStrictEqual } from 'node:assert';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import type { StreamEntry, StreamLog } from '#shared/streams/stream-log.port.js';
import { redisAtHand } from '../support/redis-under-test.js';
import { HEAD, newId, openMemory, openOnRedis, type LogUnderTest } from './log-under-test.js';

/** How one reader goes about it. It uses each of its `cuts` up as it reads: after so many entries its line is cut. */
interface Habits {
  readonly instance: 0 | 1;
  /** Turns of the event loop before it first joins. */
  readonly late: number;
  readonly cuts: readonly number[];
  /** Turns of the event loop between two entries, over and over. */
  readonly pauses: readonly number[];
  /** Whether it leaves by its signal, as a socket that closes does, or by `return()`. */
  readonly bySignal: boolean;
  /** Whether a cut comes while it waits for the next entry, which it then may or may not get. */
  readonly whileWaiting: boolean;
}

const habits: fc.Arbitrary<Habits> = fc.record({
  instance: fc.constantFrom(0, 1),
  late: fc.nat(20),
  cuts: fc.array(fc.nat(12), { maxLength: 6 }),
  pauses: fc.array(fc.nat(3), { minLength: 1, maxLength: 4 }),
  bySignal: fc.boolean(),
  whileWaiting: fc.boolean(),
});

const scenario = fc.record({
  text: fc.string({ unit: 'binary', maxLength: 400 }),
  /** Where the text is cut into chunks, anywhere between two UTF-16 units. */
  lengths: fc.array(fc.nat(9), { minLength: 1, maxLength: 20 }),
  /** Turns of the event loop after each chunk; 0 does not even wait for it to be taken. */
  gaps: fc.array(fc.nat(2), { minLength: 1, maxLength: 5 }),
  outcome: fc.constantFrom('done', 'failed', 'stopped'),
  readers: fc.array(habits, { minLength: 1, maxLength: 6 }),
});

async function turns(count: number): Promise<void> {
  for (let left = count; left > 0; left -= 1) await setImmediate();
}

function chunksOf(text: string, lengths: readonly number[]): string[] {
  const chunks: string[] = [];
  for (let from = 0, n = 0; from < text.length; n += 1) {
    // At least one unit now and then, or it would never end.
    const length = Math.max(lengths[n % lengths.length]!, n % lengths.length ? 0 : 1);
    chunks.push(text.slice(from, from + length));
    from += length;
  }
  return chunks;
}

/** All that a reader saw, over all its lines: each begins after the last chunk of the one before. */
async function readThrough(logs: LogUnderTest['logs'], id: string, who: Habits): Promise<StreamEntry[]> {
  const seen: StreamEntry[] = [];
  const cuts = [...who.cuts];
  let after = 0;
  await turns(who.late);
  for (;;) {
    const cutAfter = cuts.shift() ?? Infinity;
    const leave = new AbortController();
    const entries = logs[who.instance].read(id, { after, signal: leave.signal })[Symbol.asyncIterator]();
    const cut = async (): Promise<void> => (who.bySignal ? leave.abort() : void (await entries.return?.()));
    for (let count = 0; ; count += 1) {
      if (count === cutAfter && !who.whileWaiting) {
        await cut();
        break;
      }
      const found = entries.next();
      if (count === cutAfter) await cut();
      const { done, value } = await found;
      if (done && count < cutAfter) return seen;
      if (done) break;
      seen.push(value);
      if (value.kind === 'chunk') after = value.chunk.seq;
      await turns(who.pauses[count % who.pauses.length]!);
    }
    if (seen.at(-1)?.kind === 'end') return seen;
  }
}

async function write(log: StreamLog, id: string, { text, lengths, gaps, outcome }: Parameters<typeof run>[1]) {
  const writer = await log.open(id, HEAD);
  return {
    finished: (async () => {
      const appended: Promise<void>[] = [];
      for (const [n, piece] of chunksOf(text, lengths).entries()) {
        appended.push(writer.append(piece));
        const gap = gaps[n % gaps.length]!;
        if (gap > 0) await appended.at(-1);
        await turns(gap);
      }
      await writer.end(outcome);
      await Promise.all(appended);
    })(),
  };
}

async function run(
  logs: LogUnderTest['logs'],
  given: typeof scenario extends fc.Arbitrary<infer Given> ? Given : never,
): Promise<void> {
  const id = newId();
  const { finished } = await write(logs[0], id, given);
  const [, ...all] = await Promise.all([finished, ...given.readers.map((who) => readThrough(logs, id, who))]);
  const chunks = chunksOf(given.text, given.lengths);
  const expected = [
    ...chunks.map((text, n) => ({ kind: 'chunk', chunk: { seq: n + 1, text } })),
    { kind: 'end', end: { outcome: given.outcome } },
  ];
  for (const seen of all) deepStrictEqual(seen, expected);
}

describe.each([
  ['memory', openMemory, true, 200],
  ['Redis, by two instances', openOnRedis, redisAtHand(), 60],
] as const)('readers whose line is cut, on %s', (_, open, atHand, numRuns) => {
  let opened: LogUnderTest | undefined;
  beforeAll(async () => {
    if (atHand) opened = await open();
  });
  afterAll(() => opened?.close());

  (atHand ? it : it.skip)(
    'see each chunk once and in order, and the end, when they re-join where they were',
    async () => {
      await fc.assert(
        fc.asyncProperty(scenario, (given) => run(opened!.logs, given)),
        { numRuns },
      );
    },
  );
});
