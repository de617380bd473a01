import { beforeEach, describe, expect, it } from '@jest/globals';
import { newIdentity } from '#shared/history/keys.js';
import { CALLER, openChat } from '../support/chat-in-memory.js';
import { recordOf } from '../support/history-under-test.js';
import { MemoryObjectStore } from '../support/memory-object-store.js';

let store: MemoryObjectStore;
let chat: ReturnType<typeof openChat>;
beforeEach(() => {
  store = new MemoryObjectStore();
  chat = openChat(store);
});

describe('a request that comes again by its key', () => {
  it('is not said again, however much was said since', async () => {
    await chat.sayMany(45);
    const before = await chat.demo();
    for (const n of [0, 4, 5, 44]) await chat.say(`number ${n}`, `key-${n}`);
    expect(await chat.demo()).toEqual(before);
    expect(before).toMatchObject({ turnCount: 45 });
  });

  it('is said where its process died before the session had it, as long as the session reaches back to it', async () => {
    const [first = recordOf('')] = await chat.sayMany(1);
    const { storageId } = await chat.demo();
    await store.delete(`sessions/${storageId}/state.json`);
    for (let n = 0; n < 39; n += 1) await chat.say(`later ${n}`);
    await chat.say('number 0', 'key-0');
    const { turnCount, turns, messages } = await chat.demo();
    expect([turnCount, turns.at(-1)]).toEqual([40, first.id]);
    expect(messages.at(-2)).toEqual({ role: 'user', content: 'number 0' });
  });
});

describe('a turn that was quicker than one before it', () => {
  it('is not said again, when both are long ago and somebody looks at it', async () => {
    const open = await chat.sessions.open(CALLER.userId, 'demo');
    const { id } = newIdentity(open.openedAt);
    const [quick = recordOf('')] = await chat.sayMany(1);
    await chat.sessions.append(open, { id, messages: [{ role: 'user', content: 'at last' }] }, CALLER);
    for (let n = 0; n < 39; n += 1) await chat.say(`later ${n}`);
    const before = await chat.demo();
    expect([before.turns[0], before.turns.includes(quick.id)]).toEqual([id, false]);
    await chat.adopt(quick);
    expect(await chat.demo()).toEqual(before);
  });
});

describe('a turn that takes longer than forty others', () => {
  it('is in the session when it ends', async () => {
    await chat.sayMany(1);
    const open = await chat.sessions.open(CALLER.userId, 'demo');
    const { id } = newIdentity(open.openedAt);
    await chat.sayMany(41);
    await chat.sessions.append(open, { id, messages: [{ role: 'user', content: 'at last' }] }, CALLER);
    const { turns, messages } = await chat.demo();
    expect([turns.at(-1), messages.at(-1)?.content]).toEqual([id, 'at last']);
  });
});
