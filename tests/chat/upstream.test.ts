import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomInt } from 'node:crypto';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { ChatClient, readAll, textOf, type StreamEvent } from './chat-client.js';
import { startChatSystem, type ChatSystem } from './chat-system.js';
import { TcpRelay } from '../support/tcp-relay.js';
import { numbers } from './numbered-provider.js';
import { startReplica, type Replica } from './replica.js';

const ANSWERS = 4;
const CUTS = 50;
const MOST_EVENTS = 20;
const TOKENS = CUTS * MOST_EVENTS + 100;

let chat: ChatSystem;
let relay: TcpRelay;
let supergraph: Replica;
beforeAll(async () => {
  chat = await startChatSystem({ STREAM_LINGER: '5m' });
  relay = await TcpRelay.to(chat.system.platform.services.get('chat')!.program.url);
  supergraph = await startReplica(chat.system, 'supergraph', { CHAT_URL: relay.url });
});
afterAll(async () => {
  await supergraph?.process.stop();
  await relay?.close();
  await chat?.stop();
});

describe('answers over a line between supergraph and chat that breaks again and again', () => {
  it(`have, after ${CUTS} breaks of ${ANSWERS} at a time, each token of the record once and in order`, async () => {
    const { provider, ana } = chat;
    const client = new ChatClient(supergraph.url, ana.token);
    const calls = provider.double.calls.length;
    const answers = await Promise.all(
      Array.from({ length: ANSWERS }, async (_, at) => {
        const prompt = `answer ${at}`;
        const answer = provider.answerTo(prompt, numbers(TOKENS));
        answer.allow(1);
        const events = client.send(`upstream-${at}`, prompt);
        return { answer, events, seen: [(await events.next()).value as StreamEvent] };
      }),
    );
    for (let cuts = 1; cuts <= CUTS; cuts += 1) {
      const reading = answers.map(async ({ answer, events, seen }) => {
        const goal = seen.length + randomInt(0, MOST_EVENTS);
        answer.allow(goal + randomInt(0, 2 * MOST_EVENTS));
        while (seen.length < goal) seen.push((await events.next()).value as StreamEvent);
      });
      // Some are in the middle of it, some have read what they wanted.
      await Promise.race(reading);
      relay.cut();
      await Promise.all(reading);
    }
    for (const { answer, events, seen } of answers) {
      answer.allow(TOKENS);
      seen.push(...(await readAll(events)));
      expect(seen.map(({ seq }) => seq)).toEqual(seen.map((_, at) => at + 1));
      expect(textOf(seen)).toBe(answer.text);
      expect(seen.at(-1)?.message).toMatchObject({ status: 200, assistantMessage: { content: answer.text } });
    }
    expect(provider.double.calls).toHaveLength(calls + ANSWERS);
    await client.close();
  });

  it('have what the client asked for and no more, also when that does not tell where they stand', async () => {
    const { provider, ana } = chat;
    const answer = provider.answerTo('Cuenta', numbers(100));
    const client = createClient({
      url: `${supergraph.url.replace(/^http/, 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${ana.token}` },
      retryAttempts: 0,
    });
    const query = `subscription ($in: SendChatMessageInput!, $no: Boolean!) {
      said: chat(input: $in) { seq: delta id @skip(if: $no) ...on ChatStreamEvent { done: message { owner { email } } } }
    }`;
    const variables = { in: { sessionId: 'masked', messages: [{ role: 'user', content: 'Cuenta' }] }, no: true };
    const events = client.iterate<{ said: { seq: string } }>({ query, variables });
    const seen: unknown[] = [];
    for (let round = 1; round <= 10; round += 1) {
      answer.allow(10 * round);
      while (seen.length <= 10 * round) seen.push((await events.next()).value?.data?.said);
      relay.cut();
    }
    for await (const { data } of events) seen.push(data?.said);
    expect(seen).toEqual([
      { seq: '', done: null },
      ...numbers(100).map((token) => ({ seq: token, done: null })),
      { seq: '', done: { owner: { email: 'ana@example.com' } } },
    ]);
    await client.dispose();
  });

  it('go on where nothing has been said yet, by the id that came first, and are not begun a second time', async () => {
    const { provider, ana } = chat;
    const answer = provider.answerTo('Piensa', numbers(3));
    const calls = provider.double.calls.length;
    const client = new ChatClient(supergraph.url, ana.token);
    const events = client.sendAnnounced('silent', 'Piensa');
    const seen = [(await events.next()).value as StreamEvent];
    relay.cut();
    answer.allow(3);
    seen.push(...(await readAll(events)));
    expect(seen.map(({ seq }) => seq)).toEqual(seen.map((_, at) => at));
    expect(textOf(seen)).toBe(answer.text);
    expect(provider.double.calls).toHaveLength(calls + 1);
    await client.close();
  });
});
