import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { graphqlData } from '../support/graphql-client.js';
import { signUp } from '../support/rest-client.js';
import { ChatClient, readAll, textOf, type StreamEvent } from './chat-client.js';
import { startChatSystem, type ChatSystem } from './chat-system.js';
import { numbers, type NumberedAnswer } from './numbered-provider.js';
import { startReplica, type Replica } from './replica.js';

/** About as long as an answer may be. */
const TOKENS = 650;
const TOKEN_LENGTH = 3_000;
const LINES = 5;
const READINGS_OF_A_LINE = 50;
/** So many tokens come before it is looked whether all is well. */
const STEP = 5;
const WARM_UP_PROBES = 200;
/**
 * What may wait for all readers together is 32 MiB of JSON, and the answer itself takes 4 MiB; the rest is for what is not
 * collected yet. What the paused are to read is some 490 MB. Without a bound, a supergraph grew by 270 MB before it cut them off
 * for not answering its pings.
 */
const MOST_GROWN_MB = 160;

/** V8 collects only when there is need, so there is need early. A process that holds more than this ends. */
const NODE_OPTIONS = '--max-old-space-size=224 --max-semi-space-size=2';

let chat: ChatSystem;
/** A chat service and its supergraph. */
let measured: Replica[];
let url: string;
beforeAll(async () => {
  chat = await startChatSystem({ STREAM_LINGER: '5m' });
  const service = await startReplica(chat.system, 'chat', { NODE_OPTIONS });
  measured = [service];
  measured.push(await startReplica(chat.system, 'supergraph', { CHAT_URL: service.url, NODE_OPTIONS }));
  url = measured[1]!.url;
});
afterAll(async () => {
  for (const { process } of measured?.toReversed() ?? []) await process.stop();
  await chat?.stop();
});

const longTokens = numbers(TOKENS).map((number) => number.padEnd(TOKEN_LENGTH, '.'));

async function residentMb(service: Replica): Promise<number> {
  const text = await (await fetch(`${service.url}/metrics`)).text();
  return Number(/^process_resident_memory_bytes\S* (\S+)/m.exec(text)?.[1]) / 1024 ** 2;
}

async function probe(token: string): Promise<void> {
  await graphqlData(url, { query: '{ me { email } }', token });
}

/**
 * Reads an answer to its end while it comes step by step: no step begins before all of the one before has been read and a probe has
 * been answered, so whoever waits for those that are paused waits for ever. After each step it is looked how it went.
 */
async function readByStep(reading: AsyncGenerator<StreamEvent>, answer: NumberedAnswer, look: () => Promise<void>) {
  const seen: StreamEvent[] = [];
  let length = 0;
  for (let allowed = 1; allowed < TOKENS;) {
    allowed = Math.min(TOKENS, allowed + STEP);
    answer.allow(allowed);
    while (length < (allowed - 1) * TOKEN_LENGTH) {
      const { value, done } = await reading.next();
      if (done) throw new Error('The answer ended too early.');
      seen.push(value);
      length += value.delta.length;
    }
    await look();
  }
  return [...seen, ...(await readAll(reading))];
}

/** Many readings of one answer on a line that is paused after the first piece of each. */
async function pausedReadings(id: string): Promise<{ client: ChatClient; readings: AsyncGenerator<StreamEvent>[] }> {
  const client = new ChatClient(url, chat.ana.token);
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
    const { provider, ana, send } = chat;
    const bob = await signUp(send, 'bob@example.com');
    const answer = provider.answerTo('Mucho', longTokens);
    answer.allow(1);
    const reader = new ChatClient(url, ana.token);
    const reading = reader.send('long', 'Mucho');
    const first = (await reading.next()).value as StreamEvent;
    const paused = [];
    for (let line = 0; line < LINES; line += 1) paused.push(await pausedReadings(first.id));

    // What has never been asked grows by being asked at all.
    for (let times = 0; times < WARM_UP_PROBES; times += 1) await probe(bob.token);
    const before = await Promise.all(measured.map(residentMb));
    const growths: number[] = [];
    const rest = await readByStep(reading, answer, async () => {
      await probe(bob.token);
      const now = await Promise.all(measured.map(residentMb));
      growths.push(...now.map((mb, at) => mb - before[at]!));
    });
    expect(textOf([first, ...rest])).toBe(answer.text);
    expect(rest.at(-1)?.message).toMatchObject({ status: 200 });
    expect(Math.max(...growths)).toBeLessThan(MOST_GROWN_MB);

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
