import 'reflect-metadata';
import { createTokenVerifier } from '#shared/context/token-verifier.js';
import { openHistory } from '#shared/history/open-history.js';
import { toPng, toPreviewJpeg } from '#shared/llm/encode-image.js';
import { createImageModel } from '#shared/llm/provider.config.js';
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
    const rules = { issuer: config.JWT_ISSUER, audience: config.JWT_AUDIENCE };
    const model = await createImageModel(config);
    const defer = life.defer.bind(life);
    const { history, store } = openHistory({ service: 'image', config, rules, log, defer });
    const encoder = { toPng, toPreviewJpeg };
    const subgraph = {
      name: 'image',
      schema: await buildImageSchema(),
      context: createImageContext({ model, encoder, history, timeoutMs: config.LLM_TIMEOUT_MS }),
      verify: createTokenVerifier({ accessKeys: config.JWT_PUBLIC_KEY }, rules),
      checks: { s3: () => store.ping() },
    };
    await serveSubgraph(subgraph, { config, log, life });
  },
});
