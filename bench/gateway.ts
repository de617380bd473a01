import { availableParallelism } from 'node:os';
import { createAccessTokenSigner } from '#shared/context/token-signer.js';
import { createKeyPair } from '../infra/secrets/key-pair.js';
import { anyFreePort } from '../infra/local/ports.js';
import { ChildProgram } from './gateway/child-program.js';
import { JOINED_QUERY } from './gateway/joined-query.js';
import { VIEWER_ID } from './gateway/made-up-value.js';
import { answerOf, fetchesOf, measure, median, type GraphqlTarget, type Round } from './gateway/measure.js';
import type { SubgraphUrls } from './gateway/subgraph-urls.js';

const ROUNDS = 5;
const ROUND_SEC = 4;
const WARM_UP_SEC = 3;
const READY_WITHIN_MS = 15_000;
const RULES = { issuer: 'llm-supergraph', audience: 'llm-supergraph' };

/**
 * Asks the same federated query of the platform's supergraph and of Apollo Gateway with its default data source, in turns,
 * before the same subgraphs. Returns the exit status: 1 when the two do not answer alike.
 */
async function main(children: ChildProgram[]): Promise<number> {
  const start = (program: URL, env?: Record<string, string>): ChildProgram => {
    const child = new ChildProgram(program, env);
    children.push(child);
    return child;
  };
  const urls = await start(new URL('./gateway/subgraph-double.js', import.meta.url)).firstMessage<SubgraphUrls>();
  const { privateKey, publicKey } = await createKeyPair();
  const token = createAccessTokenSigner(
    privateKey,
    RULES,
    3_600_000,
  )({
    id: VIEWER_ID,
    email: 'ana@example.com',
    role: 'user',
    sessionId: '0198c0de-0000-7000-8000-000000000002',
  });
  const port = await anyFreePort();
  start(new URL('../supergraph/main.js', import.meta.url), supergraphEnv(urls, port, publicKey));
  const plain = start(new URL('./gateway/default-gateway.js', import.meta.url), {
    SUBGRAPH_URLS: JSON.stringify(urls),
  });
  const ours: GraphqlTarget = {
    url: `http://127.0.0.1:${port}`,
    token,
    query: JOINED_QUERY,
    subgraphCounter: urls.auth,
  };
  const theirs: GraphqlTarget = { ...ours, url: await plain.firstMessage<string>() };
  if ((await firstAnswerOf(ours)) !== (await firstAnswerOf(theirs))) {
    console.error('The two gateways do not answer alike.');
    return 1;
  }
  const fetches = { ours: await fetchesOf(ours), theirs: await fetchesOf(theirs) };
  report(await interleaved(ours, theirs), fetches);
  return 0;
}

function supergraphEnv(urls: SubgraphUrls, port: number, publicKey: string): Record<string, string> {
  return {
    PORT: String(port),
    JWT_PUBLIC_KEY: publicKey,
    AUTH_URL: urls.auth,
    ANALYTICS_URL: urls.analytics,
    IMAGE_URL: urls.image,
    SUM_URL: urls.summarize,
    CHAT_URL: urls.chat,
    RATE_LIMIT_PER_MIN: '1000000',
  };
}

/** The first good answer. A program that listens may still be without what it needs to tell who asks. */
async function firstAnswerOf(target: GraphqlTarget): Promise<string> {
  const until = Date.now() + READY_WITHIN_MS;
  for (;;) {
    try {
      return await answerOf(target);
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

type Side = 'ours' | 'theirs';

/** In turns, so that whatever else the machine does falls on both. */
async function interleaved(ours: GraphqlTarget, theirs: GraphqlTarget): Promise<Record<Side, Round>[]> {
  await measure(ours, WARM_UP_SEC);
  await measure(theirs, WARM_UP_SEC);
  const rounds: Record<Side, Round>[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    rounds.push({ ours: await measure(ours, ROUND_SEC), theirs: await measure(theirs, ROUND_SEC) });
  }
  return rounds;
}

function report(rounds: readonly Record<Side, Round>[], fetches: Record<Side, number>): void {
  const row = (side: Side) => {
    const of = (figure: keyof Round) => median(rounds.map((round) => round[side][figure]));
    return {
      'requests/s': Math.round(of('requestsPerSec')),
      'p50 ms': of('p50Ms'),
      'p99 ms': of('p99Ms'),
      fetches: fetches[side],
    };
  };
  const ratio = median(rounds.map(({ ours, theirs }) => ours.requestsPerSec / theirs.requestsPerSec));
  console.table({ 'this gateway': row('ours'), 'Apollo Gateway, default data source': row('theirs') });
  console.log(`ratio of requests/s: ${ratio.toFixed(2)} (median of ${ROUNDS} interleaved rounds of ${ROUND_SEC} s)`);
  const date = new Date().toISOString().slice(0, 10);
  console.log(`${availableParallelism()} cores, ${process.platform} ${process.arch}, Node ${process.version}, ${date}`);
}

const children: ChildProgram[] = [];
try {
  process.exitCode = await main(children);
} finally {
  await Promise.all(children.map((child) => child.stop()));
}
