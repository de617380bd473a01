import { ApolloServer } from '@apollo/server';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import fastify from 'fastify';
import { createLogger } from '#shared/logging/logger.js';
import { Lifecycle } from '#shared/server/lifecycle.js';
import { openGateway } from '../../supergraph/gateway/open-gateway.js';
import type { SubgraphUrls } from '../support/subgraph-urls.js';

/** The platform's own gateway and nothing before it. */
const urls = JSON.parse(process.env['SUBGRAPH_URLS'] ?? '{}') as SubgraphUrls;
const targets = Object.fromEntries(Object.entries(urls).map(([name, url]) => [name, { url, timeoutMs: 15_000 }]));
const { gateway } = await openGateway(targets, new Lifecycle(createLogger({ level: 'silent', service: 'bare' })));
const apollo = new ApolloServer({ gateway });
await apollo.start();
const server = fastify();
server.route({ url: '/graphql', method: ['GET', 'POST'], handler: fastifyApolloHandler(apollo) });
process.once('disconnect', () => process.exit());
process.send?.(await server.listen({ host: '127.0.0.1', port: 0 }));
