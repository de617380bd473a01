import type { ApolloServerPlugin } from '@apollo/server';
import { toHttpError } from '#shared/errors/http-error.js';
import type { EdgeContext } from './edge-context.js';
import type { OperationBudget } from './operation-budget.js';

/** Pays for each valid operation before it is planned, from GraphQL over HTTP and from REST alike. */
export function chargeOperations(budget: OperationBudget): ApolloServerPlugin<EdgeContext> {
  return {
    async requestDidStart() {
      return {
        async didResolveOperation({ document, operation, request, contextValue }) {
          try {
            if (operation)
              await budget.charge({ document, operation, variables: request.variables ?? {} }, contextValue);
          } catch (error) {
            throw toHttpError(error);
          }
        },
      };
    },
  };
}
