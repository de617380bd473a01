import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { graphqlData } from '../support/graphql-client.js';
import { signUp } from '../support/rest-client.js';
import { ChatClient, readAll, textOf, type StreamEvent } from './chat-client.js';
import { startChatSystem, type ChatSystem } from './chat-system.js';
import { numbers } from './numbered-provider.js';

/** About as long as an answer may be. */
const TOKENS = 650;
const TOKEN_LENGTH = 3_000;
const LINES = 6;
const READINGS_OF_A_LINE = 50;
/** What is on the way to the paused is some 600 MB; a process that held it all would grow by about as much. */
const MOST_GROWN_MB = 400;

let chat: ChatSystem;
beforeAll(async () => {
  chat = await startChatSystem({ STREAM_LINGER: '5m' });
});
afterAll(() => chat?.stop());

const longTokens = numbers(TOKENS).map((number) => number.padEnd(TOKEN_LENGTH, '.'));

async function residentMb(service: string): Promise<number> {
  const url = chat.system.platform.services.get(service)?.program.url;
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^process_resident_memory_bytes\S* (\S+)/m.exec(text)?.[1]) / 1024 ** 2;
}

/** Asks again and again, one after the other, until aborted; how often it was answered. */
async function probe(token: string, signal: AbortSignal): Promise<number> {
  let answers = 0;
  while (!signal.aborted) {
    await graphqlData(chat.system.url, { query: '{ me { email } }', token });
    answers += 1;
  }
  return answers;
}

/** Many readings of one answer on a line that is paused after the first piece of each. */
async function pausedReadings(id: string): Promise<{ client: ChatClient; readings: AsyncGenerator<StreamEvent>[] }> {
  const client = new ChatClient(chat.system.url, chat.ana.token);
  const readings = Array.from({ length: READINGS_OF_A_LINE }, () => client.join(id, 0));
  for (const { value } of await Promise.all(readings.map((events) => events.next()))) expect(value).toBeDefined();
  await client.pause();
  return { client, readings };
}

/** What comes of a reading, in full or to where it was cut off. */
async function restOf(events: AsyncGenerator<StreamEvent>): Promise<{ seen: StreamEvent[]; isCut: boolean }> {
  const seen: StreamEvent[] = [];
  try {
    for await (const event of events) seen.push(event);
    return { seen, isCut: false };
  } catch {
    return { seen, isCut: true };
  }
}

describe('readers that do not read', () => {
  it('take little memory, keep nobody waiting, and get the rest when they join again', async () => {
    const { provider, ana, send, system } = chat;
    const bob = await signUp(send, 'bob@example.com');
    const answer = provider.answerTo('Mucho', longTokens);
    answer.allow(1);
    const reader = new ChatClient(system.url, ana.token);
    const reading = reader.send('long', 'Mucho');
    const first = (await reading.next()).value as StreamEvent;
    const paused = [];
    for (let line = 0; line < LINES; line += 1) paused.push(await pausedReadings(first.id));

    const services = ['supergraph', 'chat'] as const;
    const before = await Promise.all(services.map(residentMb));
    const over = new AbortController();
    const answers = probe(bob.token, over.signal);
    answer.allow(TOKENS);
    const rest = await readAll(reading);
    expect(textOf([first, ...rest])).toBe(answer.text);
    expect(rest.at(-1)?.message).toMatchObject({ status: 200 });
    over.abort();
    expect(await answers).toBeGreaterThan(0);
    const after = await Promise.all(services.map(residentMb));
    for (const [at, mb] of after.entries()) expect(mb - (before[at] ?? 0)).toBeLessThan(MOST_GROWN_MB);

    for (const { client } of paused) await client.resume();
    const outcomes = await Promise.all(paused.flatMap(({ readings }) => readings.map(restOf)));
    for (const { seen } of outcomes) expect(seen.map(({ seq }) => seq)).toEqual(seen.map((_, at) => at + 2));
    expect(outcomes.some(({ isCut }) => isCut)).toBe(true);
    const { seen } = outcomes.find(({ isCut }) => isCut) ?? { seen: [] };
    const joined = await readAll(reader.join(first.id, seen.at(-1)?.seq ?? 1));
    expect(textOf([first, ...seen, ...joined])).toBe(answer.text);
    await Promise.all([reader, ...paused.map(({ client }) => client)].map((client) => client.close()));
  });
});
