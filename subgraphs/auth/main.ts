import 'reflect-metadata';
import { createTokenVerifier } from '#shared/context/token-verifier.js';
import { runService } from '#shared/server/run-service.js';
import { serveSubgraph } from '#shared/server/subgraph-server.js';
import { authConfig } from './config.js';
import { createAuthContext } from './context.js';
import { openDatabase } from './database.js';
import { buildAuthSchema } from './schema.js';

await runService({
  name: 'auth',
  config: authConfig,
  env: process.env,
  async boot({ config, log, life }) {
    const orm = await openDatabase(config.DATABASE_URL, log);
    life.defer('orm', () => orm.close());
    const subgraph = {
      name: 'auth',
      schema: await buildAuthSchema(),
      context: await createAuthContext(orm, config),
      verify: createTokenVerifier(
        { accessKeys: config.JWT_PUBLIC_KEY },
        { issuer: config.JWT_ISSUER, audience: config.JWT_AUDIENCE },
      ),
      checks: { postgres: () => orm.em.getConnection().execute('select 1') },
    };
    await serveSubgraph(subgraph, { config, log, life });
  },
});
