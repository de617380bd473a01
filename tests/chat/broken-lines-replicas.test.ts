import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { redisIsInstalled, RedisProcess } from '../support/redis-process.js';
import { holdsOverBrokenLines } from './broken-lines.js';
import { startChatSystem, type ChatSystem } from './chat-system.js';
import { startReplica, type Replica } from './replica.js';

const CUTS = 200;
const installed = redisIsInstalled();
if (!installed) process.stderr.write('Skipped: replicas that share streams need a Redis, and none is installed.\n');

(installed ? describe : describe.skip)('two supergraphs, each with a chat service of its own, on one Redis', () => {
  let redis: RedisProcess;
  let chat: ChatSystem;
  const replicas: Replica[] = [];
  beforeAll(async () => {
    redis = await RedisProcess.start();
    chat = await startChatSystem({ STREAM_LINGER: '5m', REDIS_URL: redis.url });
    const service = await startReplica(chat.system, 'chat');
    replicas.push(service);
    replicas.push(await startReplica(chat.system, 'supergraph', { CHAT_URL: service.url }));
  });
  afterAll(async () => {
    for (const { process } of replicas.toReversed()) await process.stop();
    await chat?.stop();
    await redis?.stop();
  });

  it(`an answer joined at either has, after ${CUTS} breaks, each token of the record once and in order`, async () => {
    const { provider, ana, system } = chat;
    const doors = [system.url, replicas[1]!.url];
    await holdsOverBrokenLines({ provider, token: ana.token, doors }, CUTS);
  });
});
