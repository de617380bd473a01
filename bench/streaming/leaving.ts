import { setTimeout as sleep } from 'node:timers/promises';
import { nowMs } from '../support/monotonic-clock.js';
import { openReader } from './round.js';
import type { HungUp } from './stamped-token.js';
import type { StreamingPlatform } from './streaming-platform.js';

const TIMES = 20;
const WITHIN_MS = 10_000;

/** From a reader's leaving in the middle of an answer to the end of the connection at the provider, in ms, some times over. */
export async function measureLeaving(platform: StreamingPlatform): Promise<number[]> {
  const hungUp = new Map<string, (at: number) => void>();
  platform.provider.onMessage((message) => {
    const { name, closedMs } = message as HungUp;
    hungUp.get(name)?.(closedMs);
  });
  const times: number[] = [];
  for (let time = 0; time < TIMES; time += 1) {
    const reader = openReader(platform, { tokens: 1_000_000, everyMs: 20 });
    const closed = new Promise<number>((resolve) => hungUp.set(reader.order.name, resolve));
    await reader.ready;
    const reading = reader.read();
    while (reader.count < 3) await sleep(5);
    const leftMs = nowMs();
    reader.leave();
    await reading;
    const late = sleep(WITHIN_MS, Infinity, { ref: false });
    times.push((await Promise.race([closed, late])) - leftMs);
  }
  return times;
}
