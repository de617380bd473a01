import { openTokenVerifier } from '#shared/context/open-token-verifier.js';
import { openRateLimiter } from '#shared/rate-limit/open-rate-limiter.js';
import { closeServer } from '#shared/server/http-server.js';
import { runService } from '#shared/server/run-service.js';
import { subgraphTargets, supergraphConfig } from './config.js';
import { DocumentGuard } from './edge/document-guard.js';
import { createEdgeContext } from './edge/open-edge.js';
import { OperationBudget } from './edge/operation-budget.js';
import { openGateway } from './gateway/open-gateway.js';
import { openGraphqlServer } from './graphql-server.js';
import { createDoor, registerRoutes } from './server.js';
import { openStreamDoor } from './sse/open-stream-door.js';
import { apiSchemaOf } from './websocket/api-schema.js';
import { openWebSocketDoor } from './websocket/open-websocket-door.js';
import { openSubscriptions } from './subscriptions/open-subscriptions.js';

// Else Apollo's packages report home and look for a cloud's metadata service.
process.env['APOLLO_TELEMETRY_DISABLED'] = 'true';

await runService({
  name: 'supergraph',
  config: supergraphConfig,
  env: process.env,
  async boot({ config, log, life }) {
    const defer = life.defer.bind(life);
    const verify = openTokenVerifier({ config, log, defer });
    const targets = subgraphTargets(config);
    const gateway = await openGateway(targets, life);
    const server = createDoor(config, log);
    const limiter = openRateLimiter({ redisUrl: config.REDIS_URL, log, defer });
    const budget = new OperationBudget(limiter, {
      perMinute: config.RATE_LIMIT_PER_MIN,
      signInPerMinute: config.SIGN_IN_LIMIT_PER_MIN,
    });
    const production = config.NODE_ENV === 'production';
    const apollo = await openGraphqlServer(server, { gateway: gateway.gateway, production, log, budget });
    defer('server', () => closeServer(server, life.overtime));
    const guard = new DocumentGuard();
    const schema = apiSchemaOf(gateway.gateway);
    const execute = openSubscriptions(targets, gateway, { resumeWithinMs: config.RESUME_WITHIN, defer });
    const streams = openStreamDoor({ config, schema, budget, verify, execute });
    defer('streams', () => streams.close());
    await registerRoutes(server, {
      config,
      apollo,
      checks: gateway.checks,
      guard,
      streams,
      edgeContextOf: createEdgeContext(verify),
    });
    const sockets = openWebSocketDoor(server, { config, schema, guard, budget, verify, execute, log });
    defer('sockets', () => sockets.close());
    await server.listen({ host: config.HOST, port: config.PORT });
    log.info({ port: config.PORT }, 'supergraph is up');
  },
});
