import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { authClient, type AuthClient } from '../support/auth-client.js';
import { startEdgeSystem, type EdgeSystem } from '../support/edge-system.js';
import { restClient } from '../support/rest-client.js';
import { redisIsInstalled, RedisProcess } from '../support/redis-process.js';

const installed = redisIsInstalled();
if (!installed) process.stderr.write('Skipped: replicas that share budgets need a Redis, and none is installed.\n');

(installed ? describe : describe.skip)('two supergraphs that share a Redis', () => {
  let redis: RedisProcess;
  let system: EdgeSystem;
  let client: AuthClient;
  let urls: string[];
  beforeAll(async () => {
    redis = await RedisProcess.start();
    system = await startEdgeSystem({ REDIS_URL: redis.url, RATE_LIMIT_PER_MIN: '60', SIGN_IN_LIMIT_PER_MIN: '20' });
    client = authClient(system.url);
    urls = [system.url, (await system.addSupergraph()).program.url];
  });
  afterAll(async () => {
    await system?.stop();
    await redis?.stop();
  });

  it('accept 60 of 100 + 100 at once between them', async () => {
    const { accessToken } = await client.register();
    const asks = urls.map((url) => restClient(url));
    const statuses = await Promise.all(
      Array.from({ length: 200 }, async (_, i) => (await asks[i % 2]!('GET /users/me', { token: accessToken })).status),
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(60);
    expect(statuses.filter((status) => status === 429)).toHaveLength(140);
  });

  it('tell the same budget', async () => {
    const { accessToken } = await client.register();
    const told = [];
    for (const url of [...urls, ...urls]) {
      const { headers } = await restClient(url)('GET /users/me', { token: accessToken });
      told.push(/r=(\d+)/.exec(String(headers['ratelimit']))?.[1]);
    }
    expect(told).toEqual(['59', '58', '57', '56']);
  });
});
