import type { ApolloServerPlugin } from '@apollo/server';
import { GraphQLError, OperationTypeNode } from 'graphql';
import type { ErrorCode } from '#shared/errors/error-codes.js';

/** Where a document does not say which of its operations is to run. */
export const NO_SUCH_OPERATION = 'The document has no operation of that name, or several and none is named.';

const SUBSCRIPTIONS_ELSEWHERE =
  'Subscriptions run over WebSocket (graphql-transport-ws) at this address; over HTTP, POST /chat/message streams server-sent events.';

/**
 * Three requests that would get the wrong status: one that leaves open which operation is meant, and a subscription over
 * HTTP, which has no way to stream (the gateway answers 500 to both); a persisted query, which is not kept here (Apollo
 * Server answers 200).
 */
export const operationRules: ApolloServerPlugin = {
  async requestDidStart() {
    return {
      async didResolveOperation({ operation }) {
        if (!operation) {
          throw refusal('OPERATION_RESOLUTION_FAILURE', NO_SUCH_OPERATION);
        }
        if (operation.operation === OperationTypeNode.SUBSCRIPTION) {
          throw refusal('BAD_REQUEST', SUBSCRIPTIONS_ELSEWHERE);
        }
      },
      async willSendResponse({ request, response }) {
        if (request.extensions?.['persistedQuery']) response.http.status = 400;
      },
    };
  },
};

function refusal(code: ErrorCode, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code, http: { status: 400 } } });
}
