import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ApolloGateway, RemoteGraphQLDataSource } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import fastify from 'fastify';
import { REPOSITORY, type SubgraphUrls } from '../support/subgraph-urls.js';

interface ClientContext {
  readonly authorization?: string | undefined;
}

/** What one gets without writing anything: Apollo Gateway with its own data source, which passes on who asks. */
class ForwardingDataSource extends RemoteGraphQLDataSource<ClientContext> {
  override willSendRequest({
    request,
    context,
  }: Parameters<NonNullable<RemoteGraphQLDataSource<ClientContext>['willSendRequest']>>[0]): void {
    if (context.authorization) request.http?.headers.set('authorization', context.authorization);
  }
}

const urls = JSON.parse(process.env['SUBGRAPH_URLS'] ?? '{}') as SubgraphUrls;
const gateway = new ApolloGateway({
  supergraphSdl: await readFile(join(REPOSITORY, 'schema/supergraph.graphql'), 'utf8'),
  buildService: ({ name }) => new ForwardingDataSource({ url: `${urls[name as keyof SubgraphUrls]}/graphql` }),
});
const apollo = new ApolloServer<ClientContext>({ gateway });
await apollo.start();
const server = fastify();
server.route({
  url: '/graphql',
  method: ['GET', 'POST'],
  handler: fastifyApolloHandler(apollo, {
    context: async ({ headers }) => ({ authorization: headers.authorization }),
  }),
});
process.once('disconnect', () => process.exit());
process.send?.(await server.listen({ host: '127.0.0.1', port: 0 }));
