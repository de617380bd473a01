import 'reflect-metadata';
import { openTokenVerifier } from '#shared/context/open-token-verifier.js';
import { runService } from '#shared/server/run-service.js';
import { serveSubgraph } from '#shared/server/subgraph-server.js';
import { analyticsConfig } from './config.js';
import { createAnalyticsContext } from './context.js';
import { openDatabase } from './database.js';
import { buildAnalyticsSchema } from './schema.js';

await runService({
  name: 'analytics',
  config: analyticsConfig,
  env: process.env,
  async boot({ config, log, life }) {
    const orm = await openDatabase(config, log);
    life.defer('orm', () => orm.close());
    const subgraph = {
      name: 'analytics',
      schema: await buildAnalyticsSchema(),
      context: createAnalyticsContext(orm),
      verify: openTokenVerifier({ config, log, defer: life.defer.bind(life) }),
      checks: { mongo: () => orm.em.getConnection().getDb().command({ ping: 1 }) },
    };
    await serveSubgraph(subgraph, { config, log, life });
  },
});
