import type { ApolloGateway } from '@apollo/gateway';
import type { GraphQLSchema } from 'graphql';

/** The schema that clients see, of a gateway that has been started. */
export function apiSchemaOf({ schema }: Pick<ApolloGateway, 'schema'>): GraphQLSchema {
  if (!schema) throw new Error('The gateway has no schema before it is started.');
  return schema;
}
