import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { GraphQLError, type ExecutionResult } from 'graphql';
import { WebSocket } from 'ws';
import { AppError } from '#shared/errors/app-error.js';
import type { EdgeContext } from '../../supergraph/edge/edge-context.js';
import type { SubscribeOperation } from '../../supergraph/subscriptions/subscribe-operation.js';
import { eventOf, Feed, openDoor, type DoorSettings, type DoorUnderTest } from './websocket-door.js';
import { RawClient } from './websocket-client.js';

const doors: DoorUnderTest[] = [];
afterEach(async () => {
  jest.restoreAllMocks();
  await Promise.all(doors.splice(0).map((door) => door.stop()));
});

async function opened(execute: SubscribeOperation, settings?: DoorSettings) {
  const door = await openDoor(execute, settings);
  doors.push(door);
  return door;
}

async function signedIn(execute: SubscribeOperation, settings?: DoorSettings) {
  const door = await opened(execute, settings);
  return { door, client: await RawClient.signedIn(door.url, door.token()) };
}

async function* counting(to: number): AsyncGenerator<ExecutionResult> {
  for (let count = 1; count <= to; count += 1) yield eventOf({ count });
}
const count: SubscribeOperation = ({ variables }) => counting(Number(variables['to'] ?? 2));
const COUNT = 'subscription ($to: Int = 2) { count(to: $to) }';
const MASKED = {
  message: 'Something went wrong on our side.',
  extensions: { code: 'INTERNAL_SERVER_ERROR', retryable: false },
};

/** The next event counts as on its way until the returned function is called, as for a client that does not read. */
function holdNextEvent(): () => void {
  const send = WebSocket.prototype.send as (this: WebSocket, text: string, sent?: (error?: Error) => void) => void;
  let left: (() => void) | undefined;
  let isOver = false;
  jest.spyOn(WebSocket.prototype, 'send').mockImplementation(function hold(this: WebSocket, ...args: unknown[]) {
    const [text, sent] = args as Parameters<typeof send>;
    const isHeld = !left && text.includes('"type":"next"');
    if (isHeld) left = sent;
    return send.call(this, text, isHeld ? () => isOver && sent?.() : sent);
  });
  return () => {
    isOver = true;
    left?.();
  };
}

describe('a subscription', () => {
  it('sends its events in order, then complete', async () => {
    const { client } = await signedIn(count);
    client.subscribe(COUNT, { variables: { to: 3 } });
    const messages = [await client.next(), await client.next(), await client.next(), await client.next()];
    expect(messages).toEqual([
      ...[1, 2, 3].map((n) => ({ type: 'next', id: '1', payload: { data: { count: n } } })),
      { type: 'complete', id: '1' },
    ]);
  });

  it('runs as its user, under the request id that the client gave, whatever else the client claims to be', async () => {
    const seen: EdgeContext[] = [];
    const door = await opened((_operation, context) => {
      seen.push(context);
      return counting(1);
    });
    const userId = randomUUID();
    const requestId = randomUUID();
    const token = door.token(userId);
    const headers = { 'x-user-id': 'mallory', 'x-forwarded-for': '6.6.6.6', 'user-agent': 'Phone' };
    const client = await RawClient.signedIn(door.url, token, { headers });
    client.subscribe(COUNT, { extensions: { requestId, userId: 'mallory' } });
    expect((await client.next()).type).toBe('next');
    client.subscribe(COUNT, { id: '2', extensions: { requestId: 'not a UUID' } });
    expect(seen[0]).toMatchObject({
      ...{ viewer: { id: userId }, accessToken: token, requestId },
      ...{ clientIp: '127.0.0.1', userAgent: 'Phone' },
    });
    while ((await client.next()).id !== '2');
    expect(seen[1]?.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('shows of an error what is public, and the rest of the event', async () => {
    const { door, client } = await signedIn(() => {
      const feed = new Feed();
      const secret = new GraphQLError('password of db is hunter2', {
        path: ['chat'],
        extensions: { code: 'X', stacktrace: ['at secret.ts'] },
        originalError: new Error('hunter2'),
      });
      const known = new GraphQLError('No such chat.', { originalError: new AppError('NOT_FOUND', 'No such chat.') });
      feed.give({ ...eventOf({ count: null }, secret, known), extensions: { trace: 'hunter2' } });
      return feed;
    });
    client.subscribe(COUNT);
    const { payload } = await client.next();
    expect(payload).toEqual({
      data: { count: null },
      errors: [
        { ...MASKED, path: ['chat'] },
        { message: 'No such chat.', extensions: { code: 'NOT_FOUND', retryable: false } },
      ],
    });
    expect(door.log.filter((line) => line.includes('operation failed'))).toHaveLength(1);
  });

  it.each([
    ['masked, when it is not public', new Error('hunter2'), MASKED],
    [
      'as it is, when it is public',
      new AppError('SERVICE_UNAVAILABLE', 'Later.'),
      expect.objectContaining({ message: 'Later.' }),
    ],
  ])('that fails under way ends with its error, %s', async (_case, thrown, shown) => {
    const feed = new Feed();
    const { door, client } = await signedIn(() => feed);
    client.subscribe(COUNT, { extensions: { requestId: 'c7f6bb0a-94f4-4d1e-8d4f-6a3f1f1d2b11' } });
    feed.give(eventOf({ count: 1 }));
    expect((await client.next()).type).toBe('next');
    feed.give(thrown);
    expect(await client.refusal()).toEqual(shown);
    client.send({ type: 'ping' });
    expect(await client.next()).toEqual({ type: 'pong' });
    const logged = door.log.filter((line) => line.includes('hunter2'));
    expect(logged.every((line) => line.includes('c7f6bb0a-94f4-4d1e-8d4f-6a3f1f1d2b11'))).toBe(true);
  });

  it('that cannot be started ends with its error', async () => {
    const { client } = await signedIn(() => {
      throw new Error('hunter2');
    });
    client.subscribe(COUNT);
    expect(await client.refusal()).toEqual(MASKED);
  });

  it('is stopped at once when its client completes it, even while its source is busy', async () => {
    const feed = new Feed();
    const signals: AbortSignal[] = [];
    const { client } = await signedIn((_operation, { signal }) => {
      signals.push(signal);
      return feed;
    });
    client.subscribe(COUNT);
    feed.give(eventOf({ count: 1 }));
    await client.next();
    client.send({ type: 'complete', id: '1' });
    await feed.left;
    expect(signals[0]?.aborted).toBe(true);
    client.subscribe(COUNT);
    client.send({ type: 'ping' });
    expect(await client.next()).toEqual({ type: 'pong' });
  });

  it('whose last event is still on its way when its client completes it does not end the next one of its id', async () => {
    const feeds = [new Feed(), new Feed()];
    const begun = feeds.map(() => Promise.withResolvers<void>());
    let asked = 0;
    const { client } = await signedIn(() => {
      begun[asked]!.resolve();
      return feeds[asked++]!;
    });
    const arrived = holdNextEvent();
    client.subscribe(COUNT);
    feeds[0]!.give(eventOf({ count: 1 }));
    await client.next();
    client.send({ type: 'complete', id: '1' });
    await feeds[0]!.left;
    client.subscribe(COUNT);
    await begun[1]!.promise;
    feeds[1]!.give(eventOf({ count: 2 }));
    arrived();
    expect(await client.next()).toMatchObject({ type: 'next', payload: { data: { count: 2 } } });
    client.send({ type: 'ping' });
    expect(await client.next()).toEqual({ type: 'pong' });
    client.send({ type: 'complete', id: '1' });
    await feeds[1]!.left;
  });

  it('asks for its next event when the one before has left', async () => {
    const given: number[] = [];
    async function* numbers(): AsyncGenerator<ExecutionResult> {
      for (const n of [1, 2]) {
        given.push(n);
        yield eventOf({ count: n });
      }
    }
    const { client } = await signedIn(numbers);
    const left = holdNextEvent();
    client.subscribe(COUNT);
    await client.next();
    // What has come of the first has come by the time that two more messages were answered.
    for (const text of ['one', 'two']) {
      client.send({ type: 'ping', payload: { text } });
      expect(await client.next()).toEqual({ type: 'pong', payload: { text } });
    }
    expect(given).toEqual([1]);
    left();
    expect(await client.next()).toMatchObject({ type: 'next', payload: { data: { count: 2 } } });
  });

  it('is stopped when the socket breaks, though its source never pauses', async () => {
    const gone = Promise.withResolvers<void>();
    const { client } = await signedIn(async function* endless(_operation, { signal }) {
      signal.addEventListener('abort', () => gone.resolve());
      for (;;) yield eventOf({ count: 1 });
    });
    client.subscribe(COUNT);
    await client.next();
    client.socket.terminate();
    await gone.promise;
  });
});

describe('a subscription is refused', () => {
  const refused = async (query: string, settings?: DoorSettings, more = {}) => {
    const { client } = await signedIn(count, settings);
    client.subscribe(query, more);
    return client.refusal();
  };

  it.each([
    [
      'with a field that is not there',
      'subscription { counts }',
      /^Cannot query field "counts" on type "Subscription"\.$/,
    ],
    ['with two root fields', 'subscription { other count(to: 1) }', /only one top level field/],
    ['with introspection', 'subscription { __typename }', /introspection/],
  ])('%s', async (_case, query, message) => {
    const error = await refused(query);
    expect(error.extensions).toEqual({ code: 'GRAPHQL_VALIDATION_FAILED', retryable: false });
    expect(error.message).toMatch(message);
    expect(error.locations).toContainEqual(expect.objectContaining({ line: 1 }));
  });

  it.each([
    ['at the root', 'subscription ($x: Boolean!) { other @include(if: $x) }'],
    ['in a fragment at the root', 'subscription { ...F } fragment F on Subscription { other @skip(if: false) }'],
  ])('with a condition %s', async (_case, query) => {
    const error = await refused(query);
    expect(error.extensions).toEqual({ code: 'GRAPHQL_VALIDATION_FAILED', retryable: false });
    expect(error.message).toMatch(/neither "@skip"/);
  });

  it('when its user has spent the budget of the root field, on this socket or another', async () => {
    const door = await opened(count, { perMinute: 2 });
    const userId = randomUUID();
    const [one, two] = await Promise.all([userId, userId].map((id) => RawClient.signedIn(door.url, door.token(id))));
    for (const client of [one!, two!]) {
      client.subscribe(COUNT, { variables: { to: 0 } });
      expect(await client.next()).toMatchObject({ type: 'complete' });
    }
    one!.subscribe(COUNT, { variables: { to: 0 } });
    expect((await one!.refusal()).extensions).toEqual({ code: 'RATE_LIMITED', retryable: true });
    one!.subscribe('subscription { other }', { variables: { to: 0 } });
    expect(await one!.next()).toMatchObject({ type: 'complete' });
  });

  it('beyond the number that may run on a socket, until one has ended', async () => {
    const { client } = await signedIn(() => new Feed(), { operationsPerSocket: 2 });
    for (const id of ['a', 'b', 'c']) client.subscribe(COUNT, { id });
    const message = 'At most 2 operations may run on one socket at a time.';
    expect(await client.next()).toMatchObject({ type: 'error', id: 'c', payload: [{ message }] });
    client.send({ type: 'complete', id: 'a' });
    client.subscribe(COUNT, { id: 'd' });
    client.subscribe(COUNT, { id: 'e' });
    expect(await client.next()).toMatchObject({ type: 'error', id: 'e' });
  });
});
