import type { GraphqlTarget } from './support/measure.js';
import { interleaved, report, type Pair } from './support/side-by-side.js';
import { Children, firstAnswerOf, startSupergraph } from './support/supergraph-under-load.js';

/** Answered by the gateway itself, so that nothing but the edge makes the difference. */
const TRIVIAL_QUERY = '{ __typename }';

/**
 * What authentication, revocations, limits, request ids, logs and headers add to a trivial query: the platform's supergraph
 * and the same gateway without its edge, in turns. Returns the exit status: 1 when the two do not answer alike.
 */
async function main(children: Children): Promise<number> {
  const { target: withEdge, urls } = await startSupergraph(children, TRIVIAL_QUERY);
  const bare = children.start(new URL('./edge/bare-gateway.js', import.meta.url), {
    SUBGRAPH_URLS: JSON.stringify(urls),
  });
  const without: GraphqlTarget = { ...withEdge, url: await bare.firstMessage<string>() };
  if ((await firstAnswerOf(withEdge)) !== (await firstAnswerOf(without))) {
    console.error('The two do not answer alike.');
    return 1;
  }
  const pair: Pair = { first: ['with the edge', withEdge], second: ['the same gateway without', without] };
  report(pair, await interleaved(pair));
  return 0;
}

const children = new Children();
try {
  process.exitCode = await main(children);
} finally {
  await children.stop();
}
