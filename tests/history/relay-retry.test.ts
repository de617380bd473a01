import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { eventIdOf } from '#shared/events/usage-event.js';
import { MemorySink, openReplica, producedOf, requestOf } from '../support/history-under-test.js';
import { MemoryObjectStore } from '../support/memory-object-store.js';

let store: MemoryObjectStore;
let events: MemorySink;
let replica: ReturnType<typeof openReplica>;
beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'performance'] });
  store = new MemoryObjectStore();
  events = new MemorySink();
  replica = openReplica({ store, events });
});
afterEach(async () => {
  await replica.relay.stop();
  jest.useRealTimers();
});

const run = () => replica.history.run(requestOf(), async () => producedOf());
const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

describe('a relay whose analytics is away', () => {
  it('tries again within a second or so, not a minute', async () => {
    replica.relay.start();
    await pass(1);
    events.refusals = 1;
    const { id } = await run();
    await pass(1_001);
    expect([...events.events.keys()]).toEqual([eventIdOf(id)]);
    expect(store.keys('outbox/')).toEqual([]);
  });

  it('tries less and less often, and at least once a minute', async () => {
    replica.relay.start();
    await pass(1);
    events.refusals = Number.POSITIVE_INFINITY;
    await run();
    await pass(10_000);
    const early = events.calls.length;
    expect(early).toBeGreaterThanOrEqual(4);
    expect(early).toBeLessThanOrEqual(8);
    await pass(600_000);
    const before = events.calls.length;
    await pass(600_000);
    expect(events.calls.length - before).toBeGreaterThanOrEqual(9);
    expect(events.calls.length - before).toBeLessThanOrEqual(21);
  });

  it('asks it no more often because more requests come, and still writes their lines', async () => {
    replica.relay.start();
    await pass(1);
    events.refusals = Number.POSITIVE_INFINITY;
    await run();
    await pass(5_000);
    const before = events.calls.length;
    for (let n = 0; n < 20; n += 1) await run();
    await pass(250);
    // The next of its attempts may happen to be due just then.
    expect(events.calls.length).toBeLessThanOrEqual(before + 1);
    expect((await replica.history.list(requestOf().userId, { first: 100 })).ids).toHaveLength(21);
    events.refusals = 0;
    await pass(60_000);
    expect(events.events.size).toBe(21);
    expect(store.keys('outbox/')).toEqual([]);
  });

  it('goes back to delivering at once when it is there again', async () => {
    replica.relay.start();
    await pass(1);
    events.refusals = 1;
    await run();
    await pass(1_001);
    await run();
    await pass(250);
    expect(events.events.size).toBe(2);
  });

  it('finds out by itself what another left, within a minute', async () => {
    replica.relay.start();
    await pass(1);
    const other = openReplica({ store, events });
    events.refusals = Number.POSITIVE_INFINITY;
    await other.history.run(requestOf(), async () => producedOf());
    await other.relay.stop();
    events.refusals = 0;
    await pass(60_000);
    expect(events.events.size).toBe(1);
  });
});

describe('a relay whose store is away', () => {
  it('tries again, and settles once it is back', async () => {
    replica.relay.start();
    await pass(1);
    const running = run();
    await running;
    store.isAway = () => true;
    await pass(30_000);
    store.isAway = () => false;
    await pass(60_000);
    expect(store.keys('outbox/')).toEqual([]);
    expect(events.events.size).toBe(1);
    expect(store.keys('users/')).toHaveLength(1);
  });
});

describe('a relay that has just settled something', () => {
  it('settles what comes right after it together, a moment later', async () => {
    await run();
    await pass(1);
    expect(events.calls).toEqual([1]);
    for (let n = 0; n < 5; n += 1) await run();
    await pass(1);
    expect(events.calls).toEqual([1]);
    await pass(250);
    expect(events.calls).toEqual([1, 5]);
    expect(store.keys('outbox/')).toEqual([]);
  });

  it('settles a lone one at once again', async () => {
    await run();
    await pass(1_000);
    await run();
    await pass(1);
    expect(events.calls).toEqual([1, 1]);
  });

  it('does not wait when it is to stop', async () => {
    await run();
    await pass(1);
    await run();
    await replica.relay.stop();
    expect(events.calls).toEqual([1, 1]);
  });
});
