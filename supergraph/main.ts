import { createTokenVerifier } from '#shared/context/token-verifier.js';
import { runService } from '#shared/server/run-service.js';
import { subgraphTargets, supergraphConfig } from './config.js';
import { createEdgeContext } from './edge/open-edge.js';
import { openGateway } from './gateway/open-gateway.js';
import { openGraphqlServer } from './graphql-server.js';
import { createDoor, registerRoutes } from './server.js';

// Else Apollo's packages report home and look for a cloud's metadata service.
process.env['APOLLO_TELEMETRY_DISABLED'] = 'true';

await runService({
  name: 'supergraph',
  config: supergraphConfig,
  env: process.env,
  async boot({ config, log, life }) {
    const rules = { issuer: config.JWT_ISSUER, audience: config.JWT_AUDIENCE };
    const verify = createTokenVerifier({ accessKeys: config.JWT_PUBLIC_KEY }, rules);
    const { gateway, checks } = await openGateway(subgraphTargets(config), life);
    const server = createDoor(config, log);
    const apollo = await openGraphqlServer(server, { gateway, production: config.NODE_ENV === 'production', log });
    life.defer('server', () => server.close());
    await registerRoutes(server, { config, apollo, checks, edgeContextOf: createEdgeContext(verify) });
    await server.listen({ host: config.HOST, port: config.PORT });
    log.info({ port: config.PORT }, 'supergraph is up');
  },
});
