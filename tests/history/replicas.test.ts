import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { anyFreePort } from '../../infra/local/ports.js';
import { linesOf } from '#shared/history/day-index.js';
import { graphqlData } from '../support/graphql-client.js';
import { restClient, signUp } from '../support/rest-client.js';
import { startSystem, type System } from '../system/system.js';
import { contestedS3, type ContestedS3 } from './contested-s3.js';
import { drained } from './drained.js';
import { startReplica, type Replica } from './service-replica.js';

const SUMMARIZE = `mutation ($input: SummarizeInput!) { summarize(input: $input) { id } }`;
const REQUESTS = 50;

let system: System;
let contested: ContestedS3;
beforeAll(async () => {
  system = await startSystem();
  contested = await contestedS3(system.platform.engines.s3.endpoint, 0.3);
});
afterAll(async () => {
  contested?.close();
  await system?.stop();
});

async function twoReplicas(env: Record<string, string>): Promise<[Replica, Replica]> {
  const { program } = system.platform.services.get('summarize')!;
  const start = async (): Promise<Replica> => startReplica(program, { ...env, PORT: String(await anyFreePort()) });
  return Promise.all([start(), start()]);
}

describe.each([
  ['on an ordinary store', () => ({})],
  ['on a store that answers 409 and 412 at random', () => ({ S3_ENDPOINT: contested.endpoint })],
])('two replicas of a service, %s', (name, env) => {
  it('write fifty lines for fifty requests that one user makes at once', async () => {
    const account = await signUp(restClient(system.url), `${name.length}@example.com`);
    const replicas = await twoReplicas(env());
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
      if (name.includes('random')) expect(contested.refused).toBeGreaterThan(10);
    } finally {
      await Promise.all(replicas.map((replica) => replica.stop()));
    }
  });
});
