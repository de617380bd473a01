import 'reflect-metadata';
import { tokenRules } from '#shared/context/open-token-verifier.js';
import { createTokenVerifier } from '#shared/context/token-verifier.js';
import { runService } from '#shared/server/run-service.js';
import { serveSubgraph } from '#shared/server/subgraph-server.js';
import { authConfig } from './config.js';
import { createAuthContext } from './context.js';
import { openDatabase } from './database.js';
import { openOwnRevocations } from './own-revocations.js';
import { buildAuthSchema } from './schema.js';

await runService({
  name: 'auth',
  config: authConfig,
  env: process.env,
  async boot({ config, log, life }) {
    const orm = await openDatabase(config.DATABASE_URL, log);
    life.defer('orm', () => orm.close());
    const revoked = openOwnRevocations({ orm, config, log });
    life.defer('revocations', () => revoked.stop());
    const subgraph = {
      name: 'auth',
      schema: await buildAuthSchema(),
      context: await createAuthContext(orm, config),
      verify: createTokenVerifier({ accessKeys: config.JWT_PUBLIC_KEY }, tokenRules(config), revoked),
      checks: { postgres: () => orm.em.getConnection().execute('select 1') },
    };
    await serveSubgraph(subgraph, { config, log, life });
  },
});
