import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ExecutionResult } from 'graphql';
import { contextWith, eventsOf, startFederation, type FederationUnderTest } from './federation-under-test.js';

let federation: FederationUnderTest;
let stop: AbortController;
beforeEach(async () => {
  federation = await startFederation();
  stop = new AbortController();
});
afterEach(async () => {
  stop.abort();
  await federation.stop();
});

function counted(to: number): AsyncIterator<ExecutionResult> {
  const query = 'subscription ($to: Int!) { count(to: $to) { n } }';
  return eventsOf(federation, query, { variables: { to }, context: contextWith(stop.signal) });
}

const numberOf = ({ data }: ExecutionResult): unknown => (data?.['count'] as { n: number } | undefined)?.n;

describe('a stream that comes faster than its reader reads', () => {
  it('is read to its end, with nothing lost and nothing twice', async () => {
    const [to, reads] = [5_000, [1, 1_500, 1]];
    const events = counted(to);
    const seen: unknown[] = [];
    for (const read of reads) {
      for (let n = 0; n < read; n += 1) seen.push(numberOf((await events.next()).value as ExecutionResult));
      // Until the subgraph has said all, or was told to stop.
      await federation.listening('count', 0);
    }
    for (let next = await events.next(); !next.done; next = await events.next()) seen.push(numberOf(next.value));
    expect(seen).toEqual(Array.from({ length: to }, (_, n) => n + 1));
    expect(federation.upgrades().streams).toBe(1);
  });
});
