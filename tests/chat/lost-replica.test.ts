import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { drained } from '../support/drained.js';
import { redisIsInstalled, RedisProcess } from '../support/redis-process.js';
import { ChatClient, readAll, textOf, type StreamEvent } from './chat-client.js';
import { startChatSystem, type ChatSystem } from './chat-system.js';
import { numbers } from './numbered-provider.js';
import { startReplica, type Replica } from './replica.js';

const installed = redisIsInstalled();
if (!installed) process.stderr.write('Skipped: replicas that share streams need a Redis, and none is installed.\n');

(installed ? describe : describe.skip)('a chat service that is killed in the middle of an answer', () => {
  let redis: RedisProcess;
  let chat: ChatSystem;
  const replicas: Replica[] = [];
  beforeAll(async () => {
    redis = await RedisProcess.start();
    chat = await startChatSystem({ STREAM_LINGER: '5m', REDIS_URL: redis.url });
    // Two more chat services with a supergraph each: whoever finds out first must not be alone in it.
    for (let pair = 0; pair < 2; pair += 1) {
      const service = await startReplica(chat.system, 'chat');
      replicas.push(service);
      replicas.push(await startReplica(chat.system, 'supergraph', { CHAT_URL: service.url }));
    }
  });
  afterAll(async () => {
    for (const { process } of replicas.toReversed()) await process.stop();
    await chat?.stop();
    await redis?.stop();
  });

  it('ends for all who read it elsewhere as a failed turn, with one record and one event', async () => {
    const { provider, ana, system } = chat;
    const answer = provider.answerTo('Cuenta', numbers(100));
    answer.allow(5);
    const near = new ChatClient(system.url, ana.token);
    const begun = near.send('lost', 'Cuenta');
    const first = (await begun.next()).value as StreamEvent;
    const doors = [replicas[1]!.url, replicas[3]!.url, replicas[3]!.url];
    const clients = doors.map((url) => new ChatClient(url, ana.token));
    const elsewhere = clients.map((client) => client.join(first.id, 0));
    for (const events of elsewhere) expect((await events.next()).value).toMatchObject({ seq: 1, delta: '1 ' });
    await system.platform.services.get('chat')?.kill();
    await expect(readAll(begun)).rejects.toThrow('SERVICE_UNAVAILABLE');

    const rests = await Promise.all(elsewhere.map((events) => readAll(events)));
    for (const rest of rests) {
      expect(textOf(rest)).toBe('2 3 4 5 ');
      expect(rest.map(({ seq }) => seq)).toEqual([2, 3, 4, 5, 6]);
      expect(rest.at(-1)?.message).toMatchObject({
        status: 503,
        error: 'SERVICE_UNAVAILABLE',
        assistantMessage: null,
        provider: 'openai-compatible',
        model: 'double-1',
        owner: { email: 'ana@example.com' },
      });
    }
    expect(await system.events(ana.id, 1)).toMatchObject([{ status: 503 }]);
    await drained(system, ['chat']);
    expect(await system.events(ana.id, 1)).toHaveLength(1);
    const records = (await system.keys('chat', 'requests/')).filter((key) => key.endsWith('record.json'));
    expect(records).toHaveLength(1);
    expect(await system.json('chat', records[0] ?? '')).toMatchObject({ id: first.id, prompt: 'Cuenta', status: 503 });
    await Promise.all([near, ...clients].map((client) => client.close()));
  });

  it('has, for who joins later, the same failed turn', async () => {
    const { ana, system } = chat;
    const [key = ''] = (await system.keys('chat', 'requests/')).filter((name) => name.endsWith('record.json'));
    const { id } = await system.json<{ id: string }>('chat', key);
    const client = new ChatClient(replicas[1]!.url, ana.token);
    const events = await readAll(client.join(id, 5));
    expect(events).toMatchObject([{ seq: 6, message: { status: 503, error: 'SERVICE_UNAVAILABLE' } }]);
    await client.close();
  });
});
