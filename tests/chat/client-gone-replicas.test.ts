import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { redisIsInstalled, RedisProcess } from '../support/redis-process.js';
import { startChatSystem, type ChatSystem } from './chat-system.js';
import { DEPARTURES, endsByDeparture } from './departures.js';

const installed = redisIsInstalled();
if (!installed) process.stderr.write('Skipped: streams that are shared need a Redis, and none is installed.\n');

(installed ? describe : describe.skip)('an answer whose reader has left, where replicas share streams', () => {
  let redis: RedisProcess;
  let chat: ChatSystem;
  beforeAll(async () => {
    redis = await RedisProcess.start();
    // The shortest that Redis allows.
    chat = await startChatSystem({ STREAM_LINGER: '500ms', REDIS_URL: redis.url });
  });
  afterAll(async () => {
    await chat?.stop();
    await redis?.stop();
  });

  it.each(DEPARTURES)('%s ends at the provider within a second, with one record and one event', async (_how, open) => {
    await endsByDeparture(chat, chat.system.url, open);
  });
});
