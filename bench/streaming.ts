import { failuresIn, figuresOf, lostIn, spread } from './streaming/figures.js';
import { measureLeaving } from './streaming/leaving.js';
import { measurePaused, reportPaused } from './streaming/paused.js';
import { readStream, runRound, type RoundPlan } from './streaming/round.js';
import { startStreamingPlatform } from './streaming/streaming-platform.js';
import { Children } from './support/supergraph-under-load.js';
import { machine } from './support/machine.js';

const ROUNDS: readonly RoundPlan[] = [
  { streams: 1, everyMs: 20, rampMs: 0, holdMs: 6_000 },
  { streams: 100, everyMs: 100, rampMs: 5_000, holdMs: 8_000 },
  { streams: 1_000, everyMs: 1_000, rampMs: 20_000, holdMs: 10_000 },
];
/** What is promised. */
const MAY_TAKE_TO_LEAVE_MS = 1_000;
const WARM_UP_ROUNDS = 20;
const WARM_UP_STREAMS = 10;

/**
 * What the platform adds to a provider that streams, by the public door and one socket for each reader, with more and more
 * streams at a time, and beside readers that are paused. Returns the exit status: 1 when a token was lost, or when the provider was
 * kept busy for longer than promised by a reader that had left. Streams and limits are on the Redis of `REDIS_URL`, where there is one.
 */
async function main(children: Children): Promise<number> {
  const platform = await startStreamingPlatform(children, process.env['REDIS_URL']);
  for (let round = 0; round < WARM_UP_ROUNDS; round += 1) {
    await Promise.all(Array.from({ length: WARM_UP_STREAMS }, () => readStream(platform, 50, 2)));
  }
  const results = [];
  for (const plan of ROUNDS) results.push(await runRound(platform, plan));
  const leaving = await measureLeaving(platform);
  const paused = await measurePaused(platform);
  console.log('Added by the platform, ms (p50 / p99), by the number of streams at a time:');
  console.table(Object.fromEntries(results.map((result) => [result.plan.streams, figuresOf(result)])));
  for (const failure of results.flatMap(failuresIn)) console.log(failure);
  console.log(`from a reader's leaving to the end of the connection at the provider: ${spread(leaving)} ms`);
  reportPaused(paused);
  console.log(machine());
  const isLost = results.some((result) => lostIn(result) > 0) || paused.some(({ reading }) => reading.lost > 0);
  return isLost || Math.max(...leaving) > MAY_TAKE_TO_LEAVE_MS ? 1 : 0;
}

const children = new Children();
try {
  process.exitCode = await main(children);
} finally {
  await children.stop();
}
