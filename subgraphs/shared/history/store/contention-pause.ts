import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 400;

/**
 * Waits after the `attempt`-th conditional write (from 1) that lost to another: at random, up to a time that doubles, so that
 * those who contend for one object spread out. "Full jitter" of https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export async function pauseAfterLoss(attempt: number): Promise<void> {
  await sleep(Math.random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1)));
}
