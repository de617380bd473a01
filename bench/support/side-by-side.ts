import { machine } from './machine.js';
import { measure, median, type GraphqlTarget, type Round } from './measure.js';

const ROUNDS = 5;
const ROUND_SEC = 4;
const WARM_UP_SEC = 3;

/** Two targets by the names under which they are reported. */
export interface Pair {
  readonly first: readonly [name: string, target: GraphqlTarget];
  readonly second: readonly [name: string, target: GraphqlTarget];
}

type Rounds = readonly { readonly first: Round; readonly second: Round }[];

/** In turns, so that whatever else the machine does falls on both. */
export async function interleaved({ first: [, first], second: [, second] }: Pair): Promise<Rounds> {
  await measure(first, WARM_UP_SEC);
  await measure(second, WARM_UP_SEC);
  const rounds: { first: Round; second: Round }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    rounds.push({ first: await measure(first, ROUND_SEC), second: await measure(second, ROUND_SEC) });
  }
  return rounds;
}

/** A table of medians, the median ratio of requests/s (first over second), the machine and the date. */
export function report({ first, second }: Pair, rounds: Rounds, more: Record<string, [number, number]> = {}): void {
  const row = (side: 'first' | 'second', index: 0 | 1) => {
    const of = (figure: keyof Round) => median(rounds.map((round) => round[side][figure]));
    return {
      'requests/s': Math.round(of('requestsPerSec')),
      'p50 ms': of('p50Ms'),
      'p99 ms': of('p99Ms'),
      ...Object.fromEntries(Object.entries(more).map(([name, figures]) => [name, figures[index]])),
    };
  };
  console.table({ [first[0]]: row('first', 0), [second[0]]: row('second', 1) });
  const ratio = median(rounds.map((round) => round.first.requestsPerSec / round.second.requestsPerSec));
  console.log(`ratio of requests/s: ${ratio.toFixed(2)} (median of ${ROUNDS} interleaved rounds of ${ROUND_SEC} s)`);
  console.log(machine());
}
