import { beforeEach, describe, expect, it } from '@jest/globals';
import { messageKey } from '../../subgraphs/chat/session-store.js';
import type { HistoryRecord } from '#shared/history/history.port.js';
import { newIdentity } from '#shared/history/keys.js';
import { openChat } from '../support/chat-in-memory.js';
import { NOW, recordOf } from '../support/history-under-test.js';
import { MemoryObjectStore } from '../support/memory-object-store.js';

/** A store that counts how often records are read, and how many of them at once. */
class CountingStore extends MemoryObjectStore {
  records = 0;
  most = 0;
  #under = 0;

  override async get(key: string): ReturnType<MemoryObjectStore['get']> {
    if (!key.endsWith('/record.json')) return super.get(key);
    this.records += 1;
    this.#under += 1;
    this.most = Math.max(this.most, this.#under);
    try {
      return await super.get(key);
    } finally {
      this.#under -= 1;
    }
  }
}

let store: CountingStore;
let chat: ReturnType<typeof openChat>;
beforeEach(() => {
  store = new CountingStore();
  chat = openChat(store);
});

const put = (key: string, text: string): Promise<boolean> =>
  store.put(key, Buffer.from(text), { contentType: 'application/json' });
const recordKey = ({ id }: HistoryRecord): string => `requests/2026/11/24/${id}/record.json`;

describe('the keys of a session', () => {
  it('are those of its turns and of their records, oldest first, however many', async () => {
    const said = await chat.sayMany(60);
    const { storageId } = await chat.demo();
    expect(await chat.sessions.keys(storageId)).toEqual({
      state: `sessions/${storageId}/state.json`,
      messages: said.map(({ artifacts }) => artifacts['message']),
      records: said.map(recordKey),
    });
  });

  it.each<[string, (id: string, file: string) => string | null]>([
    ['has no record', () => null],
    [
      'has the record of a failure, made for a request that was taken for dead',
      (id) => JSON.stringify(recordOf(id, { service: 'chat', status: 503 })),
    ],
    [
      'is another file than its record names',
      (id, file) => JSON.stringify(recordOf(id, { service: 'chat', artifacts: { message: `${file}.old` } })),
    ],
    ['has a damaged record', () => '{"id":'],
    ['has a record that is none', () => 'null'],
  ])('leave out the file of a turn that %s', async (_what, recordFor) => {
    const said = await chat.sayMany(2);
    const { storageId } = await chat.demo();
    const identity = newIdentity(new Date(NOW.getTime() + 1_000));
    const file = messageKey(storageId, identity);
    await put(file, '{}');
    const record = recordFor(identity.id, file);
    if (record !== null) await put(`${identity.base}record.json`, record);
    await put(messageKey(storageId, { id: 'no-id-of-ours', createdAt: NOW }), '{}');
    const { messages, records } = await chat.sessions.keys(storageId);
    expect(messages).toEqual(said.map(({ artifacts }) => artifacts['message']));
    expect(records).toEqual(said.map(recordKey));
  });

  it('have a committed turn that its process could not add to the session any more', async () => {
    const [first] = await chat.sayMany(1);
    const { storageId } = await chat.demo();
    await store.delete(`sessions/${storageId}/state.json`);
    expect((await chat.sessions.keys(storageId)).records).toEqual([recordKey(first!)]);
  });

  it('cost no reading of what the state has, sixteen readings at once of the rest, and each of them once', async () => {
    await chat.sayMany(80);
    const { storageId } = await chat.demo();
    store.records = 0;
    store.most = 0;
    const both = await Promise.all([chat.sessions.keys(storageId), chat.sessions.keys(storageId)]);
    expect(both.map(({ messages }) => messages.length)).toEqual([80, 80]);
    expect(store.most).toBeLessThanOrEqual(16);
    const { records } = store;
    await chat.sessions.keys(storageId);
    expect([records, store.records]).toEqual([40, 40]);
  });
});
