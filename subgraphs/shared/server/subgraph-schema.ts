import { buildSubgraphSchema } from '@apollo/subgraph';
import { printSchemaWithDirectives } from '@graphql-tools/utils';
import { parse, type GraphQLResolveInfo, type GraphQLSchema } from 'graphql';
import { buildSchema, createResolversMap, type NonEmptyArray, type PubSub } from 'type-graphql';
import { validateArgument } from './valid-input.js';

/** Finds an entity by the key fields another subgraph knows; null when there is none, or none for this viewer. */
export type ReferenceResolver<Context> = (
  reference: Record<string, string>,
  context: Context,
  info: GraphQLResolveInfo,
) => unknown;

export interface SubgraphSchemaParts<Context> {
  readonly resolvers: NonEmptyArray<new (...args: never[]) => object>;
  /** Types that no operation returns directly, such as stubs of other subgraphs' entities. */
  readonly orphanedTypes?: (new (...args: never[]) => object)[];
  readonly references: Readonly<Record<string, ReferenceResolver<Context>>>;
}

const FEDERATION_LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@inaccessible", "@external"])';

/** TypeGraphQL wants one where there are subscriptions, although each of ours brings its own stream. */
const NO_PUB_SUB: PubSub = {
  publish: notUsed,
  subscribe: notUsed,
};

/** Turns TypeGraphQL classes into an executable Federation 2 subgraph. Inputs are checked by class-validator. */
export async function buildFederatedSchema<Context>(parts: SubgraphSchemaParts<Context>): Promise<GraphQLSchema> {
  const schema = await buildSchema({
    resolvers: parts.resolvers,
    orphanedTypes: parts.orphanedTypes ?? [],
    validateFn: validateArgument,
    skipCheck: true,
    pubSub: NO_PUB_SUB,
  });
  const resolvers: Record<string, Record<string, unknown>> = createResolversMap(schema) as never;
  for (const [type, resolveReference] of Object.entries(parts.references)) {
    resolvers[type] = { ...resolvers[type], __resolveReference: resolveReference };
  }
  const typeDefs = parse(`${FEDERATION_LINK}\n${printSchemaWithDirectives(schema)}`);
  return buildSubgraphSchema([{ typeDefs, resolvers: resolvers as never }]);
}

function notUsed(): never {
  throw new Error('A subscription has no stream of its own.');
}
