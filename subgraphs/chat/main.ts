import 'reflect-metadata';
import { createTokenVerifier } from '#shared/context/token-verifier.js';
import { openHistory } from '#shared/history/open-history.js';
import { createChatModel } from '#shared/llm/provider.config.js';
import { runService } from '#shared/server/run-service.js';
import { serveSubgraph } from '#shared/server/subgraph-server.js';
import { chatConfig } from './config.js';
import { createChatContext } from './context.js';
import { buildChatSchema } from './schema.js';

await runService({
  name: 'chat',
  config: chatConfig,
  env: process.env,
  async boot({ config, log, life }) {
    const rules = { issuer: config.JWT_ISSUER, audience: config.JWT_AUDIENCE };
    const model = await createChatModel(config);
    const defer = life.defer.bind(life);
    const { history, store } = openHistory({ service: 'chat', config, rules, log, defer });
    const subgraph = {
      name: 'chat',
      schema: await buildChatSchema(),
      context: createChatContext({ model, history, store, timeoutMs: config.LLM_TIMEOUT_MS }),
      verify: createTokenVerifier({ accessKeys: config.JWT_PUBLIC_KEY }, rules),
      checks: { s3: () => store.ping() },
    };
    await serveSubgraph(subgraph, { config, log, life });
  },
});
