import type { ApolloGateway } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { fastifyApolloDrainPlugin } from '@as-integrations/fastify';
import type { FastifyInstance } from 'fastify';
import type { Logger } from '#shared/logging/logger.js';
import { AppError } from '#shared/errors/app-error.js';
import { chargeOperations } from './edge/charge-operations.js';
import { MAX_TOKENS } from './edge/document-guard.js';
import type { EdgeContext } from './edge/edge-context.js';
import type { OperationBudget } from './edge/operation-budget.js';
import { createErrorFormatter } from './gateway/format-error.js';
import { withFewVariableErrors } from './gateway/few-variable-errors.js';
import { operationRules } from './gateway/operation-rules.js';
import type { ExecuteOperation } from './gateway/execute-operation.js';

export interface GraphqlServerOptions {
  readonly gateway: ApolloGateway;
  readonly production: boolean;
  readonly log: Logger;
  readonly budget: OperationBudget;
}

/** Apollo Server over the gateway, ready to answer. */
export async function openGraphqlServer(
  server: FastifyInstance,
  { gateway, production, log, budget }: GraphqlServerOptions,
): Promise<ApolloServer<EdgeContext>> {
  const apollo = new ApolloServer<EdgeContext>({
    gateway: withFewVariableErrors(gateway),
    introspection: !production,
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: production,
    stopOnTerminationSignals: false,
    persistedQueries: false,
    parseOptions: { maxTokens: MAX_TOKENS },
    formatError: (formatted, thrown) => createErrorFormatter(log, gateway.schema)(formatted, thrown),
    plugins: [
      fastifyApolloDrainPlugin(server),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      operationRules,
      chargeOperations(budget),
    ],
  });
  await apollo.start();
  // Text is no GraphQL request; without this, fastify would read it and Apollo would explain that as a forged request.
  server.removeContentTypeParser('text/plain');
  return apollo;
}

/** Operations of our own (REST) by the very way that a client's `POST /graphql` takes, without the detour over HTTP. */
export function createOperationExecutor(apollo: ApolloServer<EdgeContext>): ExecuteOperation {
  return async ({ document, variables }, contextValue) => {
    const { body } = await apollo.executeOperation({ query: document, variables }, { contextValue });
    if (body.kind !== 'single') throw new AppError('INTERNAL_SERVER_ERROR', 'Something went wrong on our side.');
    return { data: body.singleResult.data ?? null, errors: body.singleResult.errors ?? [] };
  };
}
