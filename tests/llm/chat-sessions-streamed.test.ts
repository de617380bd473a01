import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AppError } from '#shared/errors/app-error.js';
import type { PutOptions } from '#shared/history/store/object-store.port.js';
import { openChat } from '../support/chat-in-memory.js';
import { MemoryObjectStore } from '../support/memory-object-store.js';

/** Takes all but the states of sessions, while it is told so. */
class StatelessStore extends MemoryObjectStore {
  isStateless = false;
  /** Whether it does not answer instead of refusing them. */
  isHanging = false;

  override async put(key: string, bytes: Uint8Array, options: PutOptions): Promise<boolean> {
    if (this.isHanging && key.endsWith('/state.json')) await new Promise(() => undefined);
    if (this.isStateless && key.endsWith('/state.json'))
      throw new AppError('SERVICE_UNAVAILABLE', 'The store is away.');
    return super.put(key, bytes, options);
  }
}

let store: StatelessStore;
let chat: ReturnType<typeof openChat>;
beforeEach(() => {
  store = new StatelessStore();
  chat = openChat(store);
});
afterEach(() => chat.close(AbortSignal.abort()));

/** A streamed turn, the second of its session, that its session could not be given. */
async function missingTurn(): Promise<string> {
  await chat.say('Hola');
  store.isStateless = true;
  const id = await chat.ask('¿Qué tal?');
  await expect(chat.join(id)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  expect((await chat.demo()).turnCount).toBe(1);
  store.isStateless = false;
  return id;
}

async function expectTwoTurns(id: string): Promise<void> {
  const { turnCount, turns, messages } = await chat.demo();
  expect([turnCount, turns.at(-1)]).toEqual([2, id]);
  expect(messages.map(({ content }) => content)).toEqual(['Hola', 'Very well.', '¿Qué tal?', 'Very well.']);
}

describe('a streamed turn that is on record and that its session could not be given', () => {
  it('is told to nobody before the session has it', async () => {
    const id = await missingTurn();
    for (let time = 0; time < 2; time += 1) {
      expect((await chat.join(id)).at(-1)).toMatchObject({ id, record: { status: 200 } });
      await expectTwoTurns(id);
    }
  });

  it('is given to it by a sweep where nobody asks', async () => {
    const id = await missingTurn();
    await chat.sweep();
    await expectTwoTurns(id);
  });

  it('is given to it by another process where its own has died', async () => {
    const id = await missingTurn();
    const other = openChat(store);
    expect((await other.join(id)).at(-1)).toMatchObject({ id, record: { status: 200 } });
    await other.close();
    await expectTwoTurns(id);
  });

  it('keeps a process that is told to stop no longer than it has', async () => {
    await missingTurn();
    store.isHanging = true;
    void chat.sweep();
    const overtime = new AbortController();
    const closed = chat.close(overtime.signal);
    overtime.abort();
    await closed;
    await chat.close(AbortSignal.abort());
  });

  it('is given to it again and again in vain while the store is away, and still once after that', async () => {
    const id = await missingTurn();
    store.isStateless = true;
    for (let sweep = 0; sweep < 3; sweep += 1) await chat.sweep();
    store.isStateless = false;
    for (let sweep = 0; sweep < 3; sweep += 1) await chat.sweep();
    await expectTwoTurns(id);
  });
});
