import { GraphQLError, type ExecutionResult } from 'graphql';

/** Marks a subgraph's error as one, so that it is formatted as the gateway's own are. */
export function ofSubgraph(
  { message, path, extensions }: NonNullable<ExecutionResult['errors']>[number],
  serviceName: string,
): GraphQLError {
  return new GraphQLError(message, { ...(path && { path }), extensions: { ...extensions, serviceName } });
}
