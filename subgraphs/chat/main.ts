import 'reflect-metadata';
import { openTokenVerifier, tokenRules } from '#shared/context/open-token-verifier.js';
import { openHistory } from '#shared/history/open-history.js';
import { createChatModel } from '#shared/llm/create-models.js';
import { runService } from '#shared/server/run-service.js';
import { serveSubgraph } from '#shared/server/subgraph-server.js';
import { openStreamLog } from '#shared/streams/open-stream-log.js';
import { chatConfig } from './config.js';
import { createChatContext } from './context.js';
import { buildChatSchema } from './schema.js';

await runService({
  name: 'chat',
  config: chatConfig,
  env: process.env,
  async boot({ config, log, life }) {
    const defer = life.defer.bind(life);
    const model = await createChatModel(config, { log, defer });
    const { history, store } = openHistory({ service: 'chat', config, rules: tokenRules(config), log, defer });
    const streams = openStreamLog({
      redisUrl: config.REDIS_URL,
      lingerMs: config.STREAM_LINGER,
      memoryBytes: config.STREAM_MEMORY_BYTES,
      log,
      defer,
    });
    const subgraph = {
      name: 'chat',
      schema: await buildChatSchema(),
      context: createChatContext({
        model,
        history,
        store,
        streams,
        timeoutMs: config.LLM_TIMEOUT_MS,
        log,
        overtime: life.overtime,
        defer,
      }),
      verify: openTokenVerifier({ config, log, defer }),
      checks: { s3: () => store.ping() },
    };
    await serveSubgraph(subgraph, { config, log, life });
  },
});
