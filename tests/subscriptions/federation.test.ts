import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ExecutionResult } from 'graphql';
import { publicErrorOf } from '#shared/errors/public-error.js';
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

const TICK = { n: 1, note: 'first', owner: { id: 'u1' } };

function subscribe(
  query: string,
  variables: Record<string, unknown> = {},
  { token, signal = stop.signal }: { token?: string; signal?: AbortSignal } = {},
): AsyncIterator<ExecutionResult> {
  return eventsOf(federation, query, { variables, context: contextWith(signal, token) });
}

async function nextOf(events: AsyncIterator<ExecutionResult>, emit: () => Promise<void>): Promise<unknown> {
  const next = events.next();
  await emit();
  // Through JSON, as a client gets it: executions make objects without a prototype.
  return JSON.parse(JSON.stringify((await next).value ?? null));
}

const emitted =
  (topic: string, ...ticks: (typeof TICK)[]) =>
  async (): Promise<void> => {
    await federation.listening(topic, 1);
    for (const tick of ticks) federation.emit(topic, tick);
  };

describe('a subscription over two subgraphs', () => {
  it('brings the events of one in order, each with what the other knows', async () => {
    const events = subscribe('subscription { ticks(topic: "a") { n owner { id name } } }');
    const second = { ...TICK, n: 2, owner: { id: 'u2' } };
    expect(await nextOf(events, emitted('a', TICK, second))).toEqual({
      data: { ticks: { n: 1, owner: { id: 'u1', name: 'Name of u1' } } },
    });
    expect(await nextOf(events, async () => undefined)).toEqual({
      data: { ticks: { n: 2, owner: { id: 'u2', name: 'Name of u2' } } },
    });
    expect(federation.nameRequests()).toBe(2);
  });

  it('has what the client asked for and no more: aliases, fragments, type names, conditions, variables', async () => {
    const query = `subscription ($topic: String!, $named: Boolean!, $noted: Boolean!) {
      beat: ticks(topic: $topic) { __typename number: n ...more who: owner { __typename name @include(if: $named) } }
    }
    fragment more on Tick { remark: note @skip(if: $noted) }`;
    const events = subscribe(query, { topic: 'b', named: true, noted: true });
    expect(await nextOf(events, emitted('b', TICK))).toEqual({
      data: { beat: { __typename: 'Tick', number: 1, who: { __typename: 'User', name: 'Name of u1' } } },
    });
  });

  it.each([
    ['that is missing', {}, /\$named.* required/],
    ['of another type', { named: 'yes' }, /\$named/],
    ['that is null', { named: null }, /\$named/],
  ])('with a variable %s asks nobody, and says what is wrong', async (_case, named, message) => {
    const query = `subscription ($topic: String!, $named: Boolean!) {
      ticks(topic: $topic) { n owner { name @include(if: $named) } }
    }`;
    const events = subscribe(query, { topic: 'v', ...named });
    const { value } = await events.next();
    expect(value).toEqual({ errors: [expect.objectContaining({ message: expect.stringMatching(message) })] });
    expect(publicErrorOf((value as ExecutionResult).errors?.[0]).code).toBe('BAD_USER_INPUT');
    expect(await events.next()).toEqual({ done: true, value: undefined });
    expect(federation.upgrades()).toEqual({ streams: 0, names: 0 });
  });

  it('that asks nothing of the other subgraph does not call it', async () => {
    const events = subscribe('subscription { ticks(topic: "c") { n owner { id } } }');
    await nextOf(events, emitted('c', TICK));
    expect(federation.nameRequests()).toBe(0);
  });

  it('of one subgraph alone has what the client asked for and no more, too', async () => {
    const query = `subscription ($to: Int!, $no: Boolean = false) {
      tally: count(to: $to) {
        type: __typename number: n to @include(if: $no) kind @skip(if: $no)
        parts(of: 2) { ...part ... on Half { whole @skip(if: false) } }
        again: parts { size }
      }
    }
    fragment part on Part { __typename size }`;
    const events = subscribe(query, { to: 2 });
    const expected = [
      { kind: 'ODD', parts: [{ __typename: 'Rest', size: 1 }], again: [{ size: 1 }] },
      { kind: 'EVEN', parts: [{ __typename: 'Half', size: 1, whole: 2 }], again: [{ size: 1 }] },
    ];
    for (const [index, event] of expected.entries()) {
      expect(await nextOf(events, async () => undefined)).toEqual({
        data: { tally: { type: 'Count', number: index + 1, ...event } },
      });
    }
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });

  it('of one subgraph alone goes on after an event that fails in part, too', async () => {
    const events = subscribe('subscription { c: count(to: 2) { n perhaps: maybe } }');
    for (const n of [1, 2]) {
      const event = await nextOf(events, async () => undefined);
      expect(event).toEqual({
        data: { c: { n, perhaps: null } },
        errors: [
          expect.objectContaining({
            message: 'No such thing.',
            path: ['c', 'perhaps'],
            extensions: expect.objectContaining({ code: 'NOT_FOUND', serviceName: 'streams' }),
          }),
        ],
      });
    }
  });

  it('goes on after an event that fails as a whole, whose data is null', async () => {
    const events = subscribe('subscription { c: count(to: 2) { n sure } }');
    for (let n = 1; n <= 2; n += 1) {
      expect(await nextOf(events, async () => undefined)).toEqual({
        data: null,
        errors: [expect.objectContaining({ message: 'No such thing.', path: ['c', 'sure'] })],
      });
    }
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });

  it('goes on after an event that fails in part', async () => {
    const events = subscribe('subscription { ticks(topic: "d") { n owner { name secret } } }');
    for (const n of [1, 2]) {
      const event = await nextOf(events, emitted('d', { ...TICK, n }));
      expect(event).toMatchObject({
        data: { ticks: { n, owner: { name: 'Name of u1', secret: null } } },
        errors: [{ extensions: { code: 'NOT_FOUND' } }],
      });
    }
  });

  it('gives each listener an event of its own', async () => {
    const queries = ['{ n owner { name } }', '{ owner { id } note }'];
    const listeners = queries.map((fields) => subscribe(`subscription { ticks(topic: "e") ${fields} }`));
    const next = listeners.map((listener) => listener.next());
    await federation.listening('e', 2);
    federation.emit('e', TICK);
    const events = (await Promise.all(next)).map(({ value }) => JSON.parse(JSON.stringify(value)) as unknown);
    expect(events).toEqual([
      { data: { ticks: { n: 1, owner: { name: 'Name of u1' } } } },
      { data: { ticks: { owner: { id: 'u1' }, note: 'first' } } },
    ]);
  });

  it('ends in the subgraph when the client leaves', async () => {
    const events = subscribe('subscription { ticks(topic: "f") { n } }');
    await nextOf(events, emitted('f', TICK));
    stop.abort();
    await federation.listening('f', 0);
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });

  it('of a caller whom the subgraph refuses is one event with that error', async () => {
    const events = subscribe('subscription { ticks(topic: "g") { n } }', {}, { token: 'forged' });
    const { value } = await events.next();
    expect(JSON.parse(JSON.stringify(value))).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  });

  it('of a subgraph that goes away ends with an error that names no address', async () => {
    const events = subscribe('subscription { ticks(topic: "h") { n } }');
    await nextOf(events, emitted('h', TICK));
    const failure = events.next().catch((error: unknown) => error);
    await federation.cutStreams();
    expect(await failure).toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      message: expect.not.stringMatching(/\d{4}/),
    });
  });
});

describe('subscriptions of several clients', () => {
  const query = 'subscription ($topic: String!) { ticks(topic: $topic) { n owner { name } } }';
  const TOPICS = ['k1', 'k2', 'k3', 'k4', 'k5'];
  const tickOf = (n: number) => ({ ...TICK, n, owner: { id: `u${n}` } });
  const eventOf = (n: number) => ({ data: { ticks: { n, owner: { name: `Name of u${n}` } } } });

  interface Client {
    readonly topic: string;
    readonly n: number;
    readonly first: Promise<unknown>;
    leave(): void;
  }

  /** Waits for the first event of a topic of its own, until it leaves. */
  function listen(topic: string, n: number): Client {
    const client = new AbortController();
    const events = subscribe(query, { topic }, { signal: AbortSignal.any([stop.signal, client.signal]) });
    const first = nextOf(events, async () => undefined).catch((error: unknown) => error);
    return { topic, n, first, leave: () => client.abort() };
  }

  async function fiveListen(): Promise<Client[]> {
    const clients = TOPICS.map(listen);
    await Promise.all(TOPICS.map((topic) => federation.listening(topic, 1)));
    return clients;
  }

  async function expectEvents(clients: readonly Client[]): Promise<void> {
    for (const { topic, n } of clients) await emitted(topic, tickOf(n))();
    expect(await Promise.all(clients.map(({ first }) => first))).toEqual(clients.map(({ n }) => eventOf(n)));
  }

  it('share one connection to the subgraph, and each gets its own events', async () => {
    await expectEvents(await fiveListen());
    expect(federation.upgrades()).toEqual({ streams: 1, names: 0 });
  });

  it('keep it when one of them leaves, and one who comes later is on it too', async () => {
    const [first, ...others] = await fiveListen();
    first!.leave();
    await federation.listening(first!.topic, 0);
    expect(await first!.first).toBeNull();
    await expectEvents([...others, listen('k6', 6)]);
    expect(federation.upgrades()).toEqual({ streams: 1, names: 0 });
  });

  it('all end when it is lost', async () => {
    const clients = await fiveListen();
    await federation.cutStreams();
    for (const { first } of clients) expect(await first).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  });
});
