import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { drained } from '../support/drained.js';
import { redisIsInstalled, RedisProcess } from '../support/redis-process.js';
import { ChatClient, readAll, type StreamEvent } from './chat-client.js';
import { startChatSystem, type ChatSystem } from './chat-system.js';
import { numbers, type NumberedAnswer } from './numbered-provider.js';
import { startReplica, type Replica } from './replica.js';

const installed = redisIsInstalled();
if (!installed) process.stderr.write('Skipped: replicas that share streams need a Redis, and none is installed.\n');

(installed ? describe : describe.skip)('an answer whose chat service is gone, and that nobody reads', () => {
  let redis: RedisProcess;
  let chat: ChatSystem;
  const replicas: Replica[] = [];
  beforeAll(async () => {
    redis = await RedisProcess.start();
    chat = await startChatSystem({ STREAM_LINGER: '5m', REDIS_URL: redis.url });
    for (const _ of [1, 2]) replicas.push(await startReplica(chat.system, 'chat'));
  });
  afterAll(async () => {
    for (const { process } of replicas) await process.stop();
    await chat?.stop();
    await redis?.stop();
  });

  /** Begins an answer at a service of its own, and leaves it. */
  async function abandoned(prompt: string): Promise<{ id: string; service: Replica; answer: NumberedAnswer }> {
    const service = await startReplica(chat.system, 'chat');
    const supergraph = await startReplica(chat.system, 'supergraph', { CHAT_URL: service.url });
    replicas.push(supergraph, service);
    const answer = chat.provider.answerTo(prompt, numbers(5));
    answer.allow(3);
    const client = new ChatClient(supergraph.url, chat.ana.token);
    const { id } = (await client.send('gone', prompt).next()).value as StreamEvent;
    await client.close();
    return { id, service, answer };
  }

  async function recordsOf(id: string): Promise<Record<string, unknown>[]> {
    const keys = (await chat.system.keys('chat', 'requests/')).filter((key) => key.includes(id));
    return Promise.all(keys.filter((key) => key.endsWith('record.json')).map((key) => chat.system.json('chat', key)));
  }

  it('gets its failed record and its event, once, though three services look for it', async () => {
    const { id, service } = await abandoned('Muere');
    await service.process.kill();
    expect(await chat.system.events(chat.ana.id, 1)).toMatchObject([{ status: 503 }]);
    expect(await recordsOf(id)).toMatchObject([{ id, prompt: 'Muere', status: 503 }]);
    await drained(chat.system, ['chat']);
    expect(await chat.system.events(chat.ana.id, 1)).toHaveLength(1);
  });

  it('keeps that record when the service comes back and goes on: who reads it then is told the same', async () => {
    const { id, service, answer } = await abandoned('Duerme');
    process.kill(service.process.pid!, 'SIGSTOP');
    answer.allow(5);
    expect(await chat.system.events(chat.ana.id, 2)).toHaveLength(2);
    process.kill(service.process.pid!, 'SIGCONT');
    const client = new ChatClient(chat.system.url, chat.ana.token);
    const events = await readAll(client.join(id, 0));
    expect(events.at(-1)?.message).toMatchObject({ status: 503, error: 'SERVICE_UNAVAILABLE', assistantMessage: null });
    await answer.ended;
    await drained(chat.system, ['chat']);
    expect(await recordsOf(id)).toMatchObject([{ status: 503 }]);
    expect(await chat.system.events(chat.ana.id, 2)).toHaveLength(2);
    await client.close();
  });
});
