import 'reflect-metadata';
import { openTokenVerifier, tokenRules } from '#shared/context/open-token-verifier.js';
import { openHistory } from '#shared/history/open-history.js';
import { toPreviewJpeg } from '#shared/llm/image/encode-image.js';
import { createImageModel } from '#shared/llm/create-models.js';
import { runService } from '#shared/server/run-service.js';
import { serveSubgraph } from '#shared/server/subgraph-server.js';
import { imageConfig } from './config.js';
import { createImageContext } from './context.js';
import { buildImageSchema } from './schema.js';

await runService({
  name: 'image',
  config: imageConfig,
  env: process.env,
  async boot({ config, log, life }) {
    const defer = life.defer.bind(life);
    const model = await createImageModel(config, { log, defer });
    const { history, store } = openHistory({ service: 'image', config, rules: tokenRules(config), log, defer });
    const subgraph = {
      name: 'image',
      schema: await buildImageSchema(),
      context: createImageContext({ model, preview: toPreviewJpeg, history, timeoutMs: config.LLM_TIMEOUT_MS }),
      verify: openTokenVerifier({ config, log, defer }),
      checks: { s3: () => store.ping() },
    };
    await serveSubgraph(subgraph, { config, log, life });
  },
});
