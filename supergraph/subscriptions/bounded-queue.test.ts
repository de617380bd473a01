import { describe, expect, it } from '@jest/globals';
import { BoundedQueue, QueueFull, WaitingRoom } from './bounded-queue.js';

function queueOf({ maxItems = 10, room = new WaitingRoom(1_000) } = {}) {
  let left = 0;
  const queue = new BoundedQueue<string>(maxItems, room, () => (left += 1));
  return { queue, left: () => left, room };
}

/** What the reader gets to the end, and how it ended. */
async function drain(queue: BoundedQueue<string>): Promise<{ got: string[]; end: unknown }> {
  const got: string[] = [];
  try {
    for await (const item of queue) got.push(item);
    return { got, end: 'done' };
  } catch (end) {
    return { got, end };
  }
}

describe('BoundedQueue', () => {
  it('gives in order what was pushed, before and after the reader asked', async () => {
    const { queue, room } = queueOf();
    queue.push('a', 1);
    const first = queue.next();
    const second = queue.next();
    queue.push('b', 1);
    expect([(await first).value, (await second).value]).toEqual(['a', 'b']);
    queue.push('c', 1);
    queue.done();
    expect(await drain(queue)).toEqual({ got: ['c'], end: 'done' });
    expect(room.bytes).toBe(0);
  });

  it('that holds too many items takes no more, fails after them, and keeps its source until its reader leaves', async () => {
    const { queue, left, room } = queueOf({ maxItems: 3 });
    for (const item of 'abcdef') queue.push(item, 1);
    expect([left(), room.bytes]).toEqual([0, 3]);
    const { got, end } = await drain(queue);
    expect(got).toEqual(['a', 'b', 'c']);
    expect(end).toBeInstanceOf(QueueFull);
    expect(left()).toBe(0);
    for (let time = 0; time < 2; time += 1) await queue.return();
    expect([left(), room.bytes]).toEqual([1, 0]);
  });

  it('that takes no more still makes room for others', async () => {
    const room = new WaitingRoom(1_000);
    const [idle, busy] = [queueOf({ maxItems: 3, room }), queueOf({ room })];
    for (const item of 'abcdef') idle.queue.push(item, 300);
    for (const item of 'abc') busy.queue.push(item, 40);
    expect([idle.left(), busy.left(), room.bytes]).toEqual([0, 0, 120]);
    expect((await drain(idle.queue)).got).toEqual([]);
  });

  it('that holds most fails when all together hold too much, whoever was the last to get something', async () => {
    const room = new WaitingRoom(1_000);
    const [idle, busy] = [queueOf({ room }), queueOf({ room })];
    for (const item of 'abc') idle.queue.push(item, 300);
    for (const item of 'abcdef') busy.queue.push(item, 40);
    expect([idle.left(), busy.left(), room.bytes]).toEqual([0, 0, 240]);
    expect((await drain(idle.queue)).end).toBeInstanceOf(QueueFull);
    busy.queue.done();
    expect(await drain(busy.queue)).toEqual({ got: ['a', 'b', 'c', 'd', 'e', 'f'], end: 'done' });
    expect(room.bytes).toBe(0);
  });

  it('whose reader leaves holds nothing', async () => {
    const { queue, left, room } = queueOf();
    queue.push('a', 10);
    await queue.return();
    queue.push('b', 10);
    expect([room.bytes, left()]).toEqual([0, 1]);
    expect(await queue.next()).toEqual({ done: true, value: undefined });
  });
});
