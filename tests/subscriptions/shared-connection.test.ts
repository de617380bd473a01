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

const MIB = 1024 * 1024;
const TICK = { n: 1, note: 'first', owner: { id: 'u1' } };
const QUERY = 'subscription ($topic: String!) { ticks(topic: $topic) { n note } }';

function subscribe(topic: string): AsyncIterator<ExecutionResult> {
  return eventsOf(federation, QUERY, { variables: { topic }, context: contextWith(stop.signal) });
}

describe('the connection to a subgraph, which all users share', () => {
  /** One who is on it before and must not notice. */
  let bystander: AsyncIterator<ExecutionResult>;
  let first: Promise<IteratorResult<ExecutionResult>>;
  beforeEach(async () => {
    bystander = subscribe('calm');
    first = bystander.next();
    await federation.listening('calm', 1);
  });
  const expectCalm = async (): Promise<void> => {
    federation.emit('calm', TICK);
    expect((await first).value).toMatchObject({ data: { ticks: { n: 1, note: 'first' } } });
    expect(federation.upgrades().streams).toBe(1);
  };

  it('is not asked for what would be too large for it', async () => {
    await expect(subscribe('x'.repeat(4 * MIB)).next()).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    await expectCalm();
  });

  it('is asked for what is just not too large', async () => {
    const topic = 'x'.repeat(4 * MIB - 1_000);
    const outcome = subscribe(topic).next();
    await Promise.race([federation.listening(topic, 1), outcome]);
    federation.emit(topic, TICK);
    expect((await outcome).value).toMatchObject({ data: { ticks: { n: 1 } } });
    await expectCalm();
  });

  it('does not bring an event that would be too large for it, but an error to who asked for it', async () => {
    const events = subscribe('wild');
    const outcome = events.next();
    await federation.listening('wild', 1);
    federation.emit('wild', { ...TICK, note: 'x'.repeat(17 * MIB) });
    const { value } = await outcome;
    expect(JSON.parse(JSON.stringify(value))).toMatchObject({
      errors: [{ extensions: { code: 'QUERY_TOO_COMPLEX' } }],
    });
    expect(await events.next()).toEqual({ done: true, value: undefined });
    await federation.listening('wild', 0);
    await expectCalm();
  });
});
