import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';

export interface PatrolOptions<T> {
  readonly everyMs: number;
  readonly visit: (visited: T) => void;
  readonly signal: AbortSignal;
}

/** Visits without a pause at most so many, so that requests get their turn: a check of a token takes 0.1 ms. */
const AT_A_TIME = 10;
const AT_LEAST_MS = 50;

/** Visits everyone on the list again and again until aborted, on one timer for all that keeps no process alive. */
export async function patrol<T>(list: ReadonlySet<T>, { everyMs, visit, signal }: PatrolOptions<T>): Promise<void> {
  while (!signal.aborted) {
    await sleep(Math.max(AT_LEAST_MS, everyMs), undefined, { signal, ref: false }).catch(() => undefined);
    let visited = 0;
    for (const one of list) {
      if (signal.aborted) return;
      visit(one);
      visited += 1;
      if (visited % AT_A_TIME === 0) await nextTurn();
    }
  }
}
