import { expect } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { drained } from '../support/drained.js';
import { signUp, type Account } from '../support/rest-client.js';
import { ChatClient, type StreamEvent } from './chat-client.js';
import type { ChatSystem } from './chat-system.js';
import { numbers, type NumberedAnswer } from './numbered-provider.js';
import { SseReply } from './sse-client.js';

const TOKENS = 1_000;
const SAID = 10;
const READ = numbers(3);

interface Question {
  readonly url: string;
  readonly token: string;
  readonly prompt: string;
}

/** A reader in the middle of an answer. */
interface Reading {
  readonly id: string;
  leave(): Promise<unknown>;
}

/** Asks, and reads the first pieces. */
type Open = (question: Question) => Promise<Reading>;

type LeaveSocket = (client: ChatClient, events: AsyncGenerator<StreamEvent, void>) => Promise<unknown>;

const overSocket =
  (leaveSocket: LeaveSocket): Open =>
  async ({ url, token, prompt }) => {
    const client = new ChatClient(url, token);
    const events = client.send(`s-${prompt}`, prompt);
    let id = '';
    for (const [at, delta] of READ.entries()) {
      const { value } = await events.next();
      expect(value).toMatchObject({ seq: at + 1, delta });
      id = (value as StreamEvent).id;
    }
    const pending = events.next().catch(() => undefined);
    return {
      id,
      async leave() {
        await leaveSocket(client, events);
        await pending;
        await client.close();
      },
    };
  };

const overServerSentEvents: Open = async ({ url, token, prompt }) => {
  const json = { sessionId: `s-${prompt}`, messages: [{ role: 'user', content: prompt }] };
  const reply = await SseReply.open(url, 'POST /chat/message', { token, json });
  let id = '';
  for (const [at, delta] of READ.entries()) {
    const { data } = await reply.next();
    expect(data).toMatchObject({ seq: at + 1, delta });
    id = String(data['id']);
  }
  return { id, leave: async () => reply.cut() };
};

export const overBrokenSocket = overSocket((client) => client.cut());

export const DEPARTURES: readonly (readonly [string, Open])[] = [
  ['by a broken line', overBrokenSocket],
  ['by the end of the socket', overSocket((client) => client.close())],
  ['by the end of the subscription', overSocket((_client, events) => events.return())],
  ['by the end of a reply of server-sent events', overServerSentEvents],
];

interface Departed {
  readonly user: Account;
  readonly id: string;
  readonly answer: NumberedAnswer;
}

/** A new user's question, left when three pieces are read; the provider has more to say then. */
export async function departed({ provider, send }: ChatSystem, url: string, open: Open): Promise<Departed> {
  const user = await signUp(send, `${randomUUID()}@example.com`);
  const prompt = randomUUID();
  const answer = provider.answerTo(prompt, numbers(TOKENS));
  answer.allow(SAID);
  const { id, leave } = await open({ url, token: user.token, prompt });
  await leave();
  return { user, id, answer };
}

/** The record of a request, and all events that its user has. */
export async function outcomeOf({ system }: ChatSystem, userId: string, id: string) {
  const [event] = await system.events(userId, 1);
  expect(event).toBeDefined();
  await drained(system, ['chat']);
  const records = (await system.keys('chat', 'requests/')).filter((name) => name.endsWith(`${id}/record.json`));
  expect(records).toHaveLength(1);
  const record = await system.json<{ status: number; meta: Record<string, unknown> }>('chat', records[0] ?? '');
  return { record, events: await system.events(userId, 1) };
}

/** Fails unless an answer that was left ends at the provider, and is recorded as cancelled, once. `bench:streaming` has how soon. */
export async function endsByDeparture(chat: ChatSystem, url: string, open: Open): Promise<void> {
  const { user, id, answer } = await departed(chat, url, open);
  await answer.ended;
  const { record, events } = await outcomeOf(chat, user.id, id);
  expect(record).toMatchObject({ status: 499, meta: { error: 'CLIENT_CLOSED_REQUEST' } });
  expect(events).toMatchObject([{ status: 499 }]);
}
