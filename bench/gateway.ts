import { JOINED_QUERY } from './gateway/joined-query.js';
import { fetchesOf, type GraphqlTarget } from './support/measure.js';
import { interleaved, report, type Pair } from './support/side-by-side.js';
import { Children, firstAnswerOf, startSupergraph } from './support/supergraph-under-load.js';

/**
 * Asks the same federated query of the platform's supergraph and of Apollo Gateway with its default data source, in turns,
 * before the same subgraphs. Returns the exit status: 1 when the two do not answer alike.
 */
async function main(children: Children): Promise<number> {
  const { target: ours, urls } = await startSupergraph(children, JOINED_QUERY);
  const plain = children.start(new URL('./gateway/default-gateway.js', import.meta.url), {
    SUBGRAPH_URLS: JSON.stringify(urls),
  });
  const theirs: GraphqlTarget = { ...ours, url: await plain.firstMessage<string>() };
  if ((await firstAnswerOf(ours)) !== (await firstAnswerOf(theirs))) {
    console.error('The two gateways do not answer alike.');
    return 1;
  }
  const fetches: [number, number] = [await fetchesOf(ours), await fetchesOf(theirs)];
  const pair: Pair = { first: ['this gateway', ours], second: ['Apollo Gateway, default data source', theirs] };
  report(pair, await interleaved(pair), { fetches });
  return 0;
}

const children = new Children();
try {
  process.exitCode = await main(children);
} finally {
  await children.stop();
}
