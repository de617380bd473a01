import 'reflect-metadata';
import { createTokenVerifier } from '#shared/context/token-verifier.js';
import { openHistory } from '#shared/history/open-history.js';
import { runService } from '#shared/server/run-service.js';
import { serveSubgraph } from '#shared/server/subgraph-server.js';
import { summarizeConfig } from './config.js';
import { createSummarizeContext } from './context.js';
import { buildSummarizeSchema } from './schema.js';
import { createSummaryModel } from './summary.provider.js';

await runService({
  name: 'summarize',
  config: summarizeConfig,
  env: process.env,
  async boot({ config, log, life }) {
    const rules = { issuer: config.JWT_ISSUER, audience: config.JWT_AUDIENCE };
    const model = await createSummaryModel(config);
    const defer = life.defer.bind(life);
    const { history, store } = openHistory({ service: 'summarize', config, rules, log, defer });
    const subgraph = {
      name: 'summarize',
      schema: await buildSummarizeSchema(),
      context: createSummarizeContext({ model, history, store, timeoutMs: config.LLM_TIMEOUT_MS }),
      verify: createTokenVerifier({ accessKeys: config.JWT_PUBLIC_KEY }, rules),
      checks: { s3: () => store.ping() },
    };
    await serveSubgraph(subgraph, { config, log, life });
  },
});
