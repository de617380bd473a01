import type { ApolloServerPlugin } from '@apollo/server';
import { GraphQLError, OperationTypeNode } from 'graphql';

/**
 * Two requests the gateway would answer with a 500: one that leaves open which of several operations is meant, and a
 * subscription over HTTP, which has no way to stream.
 */
export const operationRules: ApolloServerPlugin = {
  async requestDidStart() {
    return {
      async didResolveOperation({ operation }) {
        if (operation?.operation === OperationTypeNode.SUBSCRIPTION) {
          throw refusal('BAD_REQUEST', 'Subscriptions need a WebSocket; this address answers queries and mutations.');
        }
      },
    };
  },
};

function refusal(code: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code, http: { status: 400 } } });
}
