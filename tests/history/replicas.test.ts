import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { anyFreePort } from '../../infra/local/ports.js';
import { linesOf } from '#shared/history/settling/day-index.js';
import { graphqlData } from '../support/graphql-client.js';
import { restClient, signUp } from '../support/rest-client.js';
import { startSystem, type System } from '../support/system.js';
import { drained } from '../support/drained.js';
import { isConditional, s3Proxy, type Interference, type S3Proxy } from './s3-proxy.js';
import { startReplica, type Replica } from './service-replica.js';

const SUMMARIZE = `mutation ($input: SummarizeInput!) { summarize(input: $input) { id } }`;
const REQUESTS = 50;

/** A share of the conditional writes is refused without being looked at, as by stores that are written to by many. */
const CONTESTED: Interference[] = [
  [409, 'ConditionalRequestConflict'],
  [412, 'PreconditionFailed'],
];

let system: System;
const proxies: S3Proxy[] = [];
/** Conditional writes that were interfered with, of the latest proxy. */
let interfered = 0;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(async () => {
  for (const proxy of proxies) proxy.close();
  await system?.stop();
});

async function thrownAbout(ways: readonly Interference[]): Promise<Record<string, string>> {
  interfered = 0;
  /** Not twice in a row: the client gives up after three attempts. */
  const lately = new Set<string | undefined>();
  const proxy = await s3Proxy(system.platform.engines.s3.endpoint, (request) => {
    if (!isConditional(request) || lately.delete(request.url) || Math.random() >= 0.3) return null;
    lately.add(request.url);
    return ways[(interfered += 1) % ways.length] ?? null;
  });
  proxies.push(proxy);
  return { S3_ENDPOINT: proxy.endpoint };
}

async function twoReplicas(env: Record<string, string>): Promise<[Replica, Replica]> {
  const { program } = system.platform.services.get('summarize')!;
  const start = async (): Promise<Replica> => startReplica(program, { ...env, PORT: String(await anyFreePort()) });
  return Promise.all([start(), start()]);
}

describe.each<[string, () => Promise<Record<string, string>>]>([
  ['on an ordinary store', async () => ({})],
  ['on a store that answers 409 and 412 at random', () => thrownAbout(CONTESTED)],
  ['on a store that writes and whose answer is lost, at random', () => thrownAbout(['loseReply'])],
])('two replicas of a service, %s', (name, env) => {
  it('write fifty lines for fifty requests that one user makes at once', async () => {
    const account = await signUp(restClient(system.url), `${name.length}@example.com`);
    const replicas = await twoReplicas(await env());
    try {
      const asked = Array.from({ length: REQUESTS }, async (_, n) => {
        const variables = { input: { text: `Un faro. Dos faros. Número ${n}.` } };
        const sent = { query: SUMMARIZE, variables, token: account.token };
        return (await graphqlData<{ summarize: { id: string } }>(replicas[n % 2]!.url, sent)).summarize.id;
      });
      const ids = await Promise.all(asked);
      await drained(system, ['summarize']);
      const keys = await system.keys('summarize', `users/${account.id}/summarize/history/`);
      const files = await Promise.all(keys.map((key) => system.object('summarize', key)));
      const lines = files.flatMap((bytes) => linesOf(bytes));
      expect(lines.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
      expect(await system.events(account.id, REQUESTS)).toHaveLength(REQUESTS);
      if (name.includes('random')) expect(interfered).toBeGreaterThan(10);
    } finally {
      await Promise.all(replicas.map((replica) => replica.stop()));
    }
  });
});
