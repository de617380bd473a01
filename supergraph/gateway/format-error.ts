import { ApolloServerErrorCode, unwrapResolverError } from '@apollo/server/errors';
import { GraphQLError, type GraphQLFormattedError, type GraphQLSchema } from 'graphql';
import { AppError } from '#shared/errors/app-error.js';
import { formattedErrorOf, publicErrorOf, type PublicError } from '#shared/errors/public-error.js';
import type { Logger } from '#shared/logging/logger.js';
import { subgraphError } from './subgraph-data-source.js';

/**
 * The one way an error leaves the supergraph by GraphQL: rebuilt from the allowlist, the rest masked and logged. The schema is
 * the one that clients see; it has the words for what an input may hold.
 */
export function createErrorFormatter(log: Logger, schema: GraphQLSchema | undefined) {
  return (formatted: GraphQLFormattedError, thrown: unknown): GraphQLFormattedError => {
    const found = gatewayErrorOf(thrown) ?? publicErrorOf(thrown, schema);
    if (found.code === 'INTERNAL_SERVER_ERROR') log.error({ err: thrown, path: formatted.path }, 'operation failed');
    return formattedErrorOf(formatted, found);
  };
}

function gatewayErrorOf(thrown: unknown): PublicError | undefined {
  const error = unwrapResolverError(thrown);
  if (error instanceof AppError) return publicErrorOf(error);
  const graphql = [thrown, error].find((candidate) => candidate instanceof GraphQLError);
  const reported = graphql && (persistedQueryError(graphql) ?? subgraphError(graphql));
  return reported && publicErrorOf(reported);
}

/** Clients that try persisted queries know by this very message that they must send the document. */
function persistedQueryError({ message, extensions }: GraphQLError): AppError | undefined {
  if (extensions['code'] !== ApolloServerErrorCode.PERSISTED_QUERY_NOT_SUPPORTED) return undefined;
  return new AppError('BAD_REQUEST', message);
}
