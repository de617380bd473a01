import 'reflect-metadata';
import { openTokenVerifier, tokenRules } from '#shared/context/open-token-verifier.js';
import { openHistory } from '#shared/history/open-history.js';
import { stricterPolicy } from '#shared/history/commit/prompt-policy.js';
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
    const defer = life.defer.bind(life);
    const model = await createSummaryModel(config, { log, defer });
    const { history, store } = openHistory({ service: 'summarize', config, rules: tokenRules(config), log, defer });
    const policy = stricterPolicy(config.PROMPT_STORAGE);
    const subgraph = {
      name: 'summarize',
      schema: await buildSummarizeSchema(),
      context: createSummarizeContext({ model, history, store, policy, timeoutMs: config.LLM_TIMEOUT_MS }),
      verify: openTokenVerifier({ config, log, defer }),
      checks: { s3: () => store.ping() },
    };
    await serveSubgraph(subgraph, { config, log, life });
  },
});
