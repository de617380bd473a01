import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { redisIsInstalled, RedisProcess } from '../support/redis-process.js';
import { ChatClient, readAll, textOf, type StreamEvent } from './chat-client.js';
import { startChatSystem, type ChatSystem } from './chat-system.js';
import { TcpRelay } from '../support/tcp-relay.js';
import { numbers, type NumberedAnswer } from './numbered-provider.js';
import { startReplica, type Replica } from './replica.js';

/** As long as the answers take that are under way. */
const LONG_GRACE = { SHUTDOWN_GRACE: '1m' };

const installed = redisIsInstalled();
if (!installed) process.stderr.write('Skipped: replicas that share streams need a Redis, and none is installed.\n');

(installed ? describe : describe.skip)('a supergraph before chat services that come and go, on one Redis', () => {
  let redis: RedisProcess;
  let chat: ChatSystem;
  let relay: TcpRelay;
  let supergraph: Replica;
  const services: Replica[] = [];
  beforeAll(async () => {
    redis = await RedisProcess.start();
    chat = await startChatSystem({ STREAM_LINGER: '5m', REDIS_URL: redis.url });
    for (let replica = 0; replica < 3; replica += 1) services.push(await startReplica(chat.system, 'chat', LONG_GRACE));
    relay = await TcpRelay.to(services[0]!.url);
    supergraph = await startReplica(chat.system, 'supergraph', { CHAT_URL: relay.url });
  });
  afterAll(async () => {
    await supergraph?.process.stop();
    await relay?.close();
    for (const { process } of services) await process.stop();
    await chat?.stop();
    await redis?.stop();
  });

  /** Reads on to a number of events. */
  async function readTo(goal: number, { answer, events, seen }: Reading): Promise<void> {
    answer.allow(goal);
    while (seen.length < goal) seen.push((await events.next()).value as StreamEvent);
  }

  it('goes on by another when the one that it reads from is killed or stopped, be it the one that makes the answer; the reader sees nothing of it', async () => {
    const [writing, killed, stopped] = services as [Replica, Replica, Replica];
    const client = new ChatClient(supergraph.url, chat.ana.token);
    const answer = chat.provider.answerTo('Cuenta', numbers(120));
    const reading: Reading = { answer, events: client.send('moving', 'Cuenta'), seen: [] };
    await readTo(10, reading);
    relay.redirect(killed.url);
    relay.cut();
    await readTo(20, reading);
    await killed.process.kill();
    relay.redirect(stopped.url);
    await readTo(30, reading);
    const leaving = stopped.process.stop();
    relay.redirect(writing.url);
    await leaving;
    await readTo(100, reading);
    // The one that makes the answer is told to stop, and makes it to its end.
    const replaced = writing.process.stop();
    relay.redirect(chat.system.platform.services.get('chat')!.program.url);
    await readTo(120, reading);
    reading.seen.push(...(await readAll(reading.events)));
    expect(reading.seen.map(({ seq }) => seq)).toEqual(reading.seen.map((_, at) => at + 1));
    expect(textOf(reading.seen)).toBe(answer.text);
    expect(reading.seen.at(-1)?.message).toMatchObject({ status: 200, assistantMessage: { content: answer.text } });
    await replaced;
    await client.close();
  });
});

interface Reading {
  readonly answer: NumberedAnswer;
  readonly events: AsyncGenerator<StreamEvent, void>;
  readonly seen: StreamEvent[];
}
