import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { drained } from '../history/drained.js';
import { signUp } from '../support/rest-client.js';
import { ChatClient, type StreamEvent } from './chat-client.js';
import { startChatSystem, type ChatSystem } from './chat-system.js';
import { numbers } from './numbered-provider.js';
import { startReplica, type Replica } from './replica.js';

const TOKENS = 1_000;
/** Far longer than is promised; how long it takes is measured by the benchmark. */
const CLOSED_WITHIN_MS = 10_000;

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

type Leave = (client: ChatClient, events: AsyncGenerator<StreamEvent, void>) => Promise<unknown>;

const cut: Leave = (client) => client.cut();

/** Asks, reads three pieces and leaves; the provider has more to say then. */
async function begunAndLeft(url: string, leave: Leave) {
  const { provider, send } = chat;
  const user = await signUp(send, `${randomUUID()}@example.com`);
  const client = new ChatClient(url, user.token);
  const prompt = randomUUID();
  const answer = provider.answerTo(prompt, numbers(TOKENS));
  answer.allow(10);
  const events = client.send(`s-${prompt}`, prompt);
  const seen: StreamEvent[] = [];
  for (let read = 0; read < 3; read += 1) seen.push((await events.next()).value as StreamEvent);
  expect(seen.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  const pending = events.next().catch(() => undefined);
  await leave(client, events);
  return { user, answer, id: seen[0]!.id, client, pending };
}

/** The record of a request, and all events that its user has. */
async function outcomeOf(userId: string, id: string) {
  const { system } = chat;
  const [event] = await system.events(userId, 1);
  expect(event).toBeDefined();
  await drained(system, ['chat']);
  const key = (await system.keys('chat', 'requests/')).find((name) => name.endsWith(`${id}/record.json`));
  const record = await system.json<{ status: number; meta: Record<string, unknown> }>('chat', key ?? '');
  return { record, events: await system.events(userId, 1) };
}

describe('an answer whose reader has left, where nobody is waited for', () => {
  it.each<[string, Leave]>([
    ['by a broken line', cut],
    ['by the end of the socket', (client) => client.close()],
    ['by the end of the subscription', (_client, events) => events.return()],
  ])(
    '%s ends at the provider, with one record and one event',
    async (_how, leave) => {
      const { user, answer, id, client, pending } = await begunAndLeft(strict[1]!.url, leave);
      await answer.ended;
      await pending;
      const { record, events } = await outcomeOf(user.id, id);
      expect(record).toMatchObject({ status: 499, meta: { error: 'CLIENT_CLOSED_REQUEST' } });
      expect(events).toMatchObject([{ status: 499 }]);
      await client.close();
    },
    CLOSED_WITHIN_MS * 2,
  );
});

describe('an answer whose reader has left, otherwise', () => {
  it('goes on to its end without them', async () => {
    const { user, answer, id, client, pending } = await begunAndLeft(chat.system.url, cut);
    await pending;
    answer.allow(TOKENS);
    const { record, events } = await outcomeOf(user.id, id);
    expect(record.status).toBe(200);
    expect(events).toMatchObject([{ status: 200 }]);
    const joined = client.join(id, 3);
    let text = '1 2 3 ';
    for await (const { delta } of joined) text += delta;
    expect(text).toBe(answer.text);
    await client.close();
  });
});
