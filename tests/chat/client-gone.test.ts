import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ChatClient, readAll, textOf } from './chat-client.js';
import { startChatSystem, type ChatSystem } from './chat-system.js';
import { departed, DEPARTURES, endsByDeparture, outcomeOf, overBrokenSocket } from './departures.js';
import { startReplica, type Replica } from './replica.js';

let chat: ChatSystem;
/** A chat service that goes on for nobody, and its supergraph. */
let strict: Replica[];
beforeAll(async () => {
  chat = await startChatSystem();
  const service = await startReplica(chat.system, 'chat', { STREAM_LINGER: '0s' });
  strict = [service];
  strict.push(await startReplica(chat.system, 'supergraph', { CHAT_URL: service.url }));
});
afterAll(async () => {
  for (const { process } of strict?.toReversed() ?? []) await process.stop();
  await chat?.stop();
});

describe('an answer whose reader has left, where nobody is waited for', () => {
  it.each(DEPARTURES)('%s ends at the provider within a second, with one record and one event', async (_how, open) => {
    await endsByDeparture(chat, strict[1]!.url, open);
  });
});

describe('an answer whose reader has left, otherwise', () => {
  it('goes on to its end without them', async () => {
    const { user, answer, id } = await departed(chat, chat.system.url, overBrokenSocket);
    answer.allow(answer.tokens.length);
    const { record, events } = await outcomeOf(chat, user.id, id);
    expect(record.status).toBe(200);
    expect(events).toMatchObject([{ status: 200 }]);
    const client = new ChatClient(chat.system.url, user.token);
    expect(`1 2 3 ${textOf(await readAll(client.join(id, 3)))}`).toBe(answer.text);
    await client.close();
  });
});
