import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { AppError } from '#shared/errors/app-error.js';
import { RawClient, refusedUpgrade } from './websocket-client.js';
import { eventOf, Feed, openDoor, type DoorSettings, type DoorUnderTest } from './websocket-door.js';

const doors: DoorUnderTest[] = [];
afterEach(async () => {
  await Promise.all(doors.splice(0).map((door) => door.stop()));
});

async function signedIn(feed: Feed, settings?: DoorSettings) {
  const door = await openDoor(() => feed, settings);
  doors.push(door);
  return { door, client: await RawClient.signedIn(door.url, door.token()) };
}
const COUNT = 'subscription { count(to: 1) }';
const SERVER_MESSAGES = [
  { type: 'connection_ack' },
  { type: 'next', id: '1', payload: { data: {} } },
  { type: 'error', id: '1', payload: [{ message: 'no' }] },
];

describe('a socket', () => {
  it('is closed with 4409 for an id in use, which is not repeated', async () => {
    const { client } = await signedIn(new Feed());
    const id = 'x'.repeat(500);
    client.subscribe(COUNT, { id });
    client.subscribe(COUNT, { id });
    expect(await client.closed).toEqual({ code: 4409, reason: 'Subscriber already exists' });
  });

  it.each([
    ['not signed in', false],
    ['signed in', true],
  ])('is closed with 4400 for what only servers send, which is no fault of ours, %s', async (_case, isSignedIn) => {
    const { door } = await signedIn(new Feed());
    for (const message of SERVER_MESSAGES) {
      const other = isSignedIn ? await RawClient.signedIn(door.url, door.token()) : await RawClient.open(door.url);
      other.send(message);
      expect(await other.closed).toEqual({ code: 4400, reason: 'Invalid message' });
    }
    expect(door.log.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  });

  it('is cut off when its client does not read what it asks for', async () => {
    const { client } = await signedIn(new Feed());
    client.socket.pause();
    const ping = JSON.stringify({ type: 'ping', payload: { text: 'x'.repeat(256 * 1024) } });
    const broken = once(client.socket, 'close');
    for (let sent = 0; sent < 200 && client.socket.readyState === client.socket.OPEN; sent += 1) {
      await new Promise<void>((resolve) => client.socket.send(ping, () => resolve()));
    }
    client.socket.resume();
    expect((await broken)[0]).toBe(1006);
  });

  it('is not cut off for one event that is large, whatever else is sent meanwhile', async () => {
    const feeds = [new Feed(), new Feed()] as const;
    const waiting = [...feeds];
    const door = await openDoor(() => waiting.shift() ?? new Feed());
    doors.push(door);
    const client = await RawClient.signedIn(door.url, door.token());
    for (const [at, id] of ['large', 'small'].entries()) {
      client.subscribe(COUNT, { id });
      feeds[at]!.give(eventOf({ count: 0 }));
      expect(await client.next()).toMatchObject({ id, payload: { data: { count: 0 } } });
    }
    const text = 'x'.repeat(6 * 1024 * 1024);
    feeds[0].give(eventOf({ count: text }));
    feeds[1].give(eventOf({ count: 1 }));
    client.socket.ping();
    const [first, second] = [await client.next(), await client.next()];
    expect([first, second]).toMatchObject([
      { id: 'large', payload: { data: { count: text } } },
      { id: 'small', payload: { data: { count: 1 } } },
    ]);
  });

  it('is closed with 1001 when the door closes, and what runs on it ends', async () => {
    const feed = new Feed();
    const { door, client } = await signedIn(feed);
    client.subscribe(COUNT);
    feed.give(eventOf({ count: 1 }));
    await client.next();
    await door.close();
    expect(await client.closed).toEqual({ code: 1001, reason: 'Going away' });
    await feed.left;
  });

  it('is cut off when it does not answer pings, while others stay', async () => {
    const { door, client } = await signedIn(new Feed(), { keepAliveMs: 500 });
    const deaf = await RawClient.signedIn(door.url, door.token(), { autoPong: false });
    expect((await deaf.closed).code).toBe(1006);
    client.send({ type: 'ping' });
    expect(await client.next()).toEqual({ type: 'pong' });
  });

  it('answers pings', async () => {
    const { client } = await signedIn(new Feed());
    client.socket.ping('are you there?');
    expect(String((await once(client.socket, 'pong'))[0])).toBe('are you there?');
  });

  it('is closed with 1013 while nobody can tell whether its session holds', async () => {
    let isSilent = false;
    const assertLive = () => {
      if (isSilent) throw new AppError('SERVICE_UNAVAILABLE', 'Cannot be told.');
    };
    const { door, client } = await signedIn(new Feed(), { revocations: { assertLive } });
    isSilent = true;
    const closing = { code: 1013, reason: 'Try again later' };
    expect(await client.closed).toEqual(closing);
    const late = await RawClient.open(door.url);
    late.signIn(door.token());
    expect(await late.closed).toEqual(closing);
  });

  it('is not to be had by an address with too many that have not signed in', async () => {
    const { door } = await signedIn(new Feed());
    const silent = await Promise.all(Array.from({ length: 50 }, () => RawClient.open(door.url)));
    const refused = await refusedUpgrade(`${door.url}/graphql`);
    expect({ status: refused.status, ...JSON.parse(refused.body) }).toMatchObject({
      ...{ status: 503, code: 'SERVICE_UNAVAILABLE' },
    });
    silent[0]!.signIn(door.token());
    await silent[0]!.next();
    await RawClient.signedIn(door.url, door.token());
  });
});
