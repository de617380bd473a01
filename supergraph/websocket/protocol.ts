import { GraphQLError, type GraphQLFormattedError, type GraphQLSchema } from 'graphql';
import { makeServer, type ConnectionInitMessage, type Server, type SubscribePayload } from 'graphql-ws';
import type { Logger } from '#shared/logging/logger.js';
import type { EdgeContext } from '../edge/edge-context.js';
import type { OperationBudget } from '../edge/operation-budget.js';
import { createErrorFormatter } from '../gateway/format-error.js';
import { InvalidDocument, type AdmitSubscription } from './admit-subscription.js';
import type { Connection } from './connection.js';
import { paced } from './paced.js';
import { StoppableStream } from '#shared/concurrency/stoppable-stream.js';
import type { SubscribeOperation } from '../subscriptions/subscribe-operation.js';

export interface ProtocolParts {
  readonly schema: GraphQLSchema;
  readonly admit: AdmitSubscription;
  readonly budget: OperationBudget;
  readonly execute: SubscribeOperation;
  readonly initTimeoutMs: number;
  readonly log: Logger;
}

/**
 * The `graphql-transport-ws` protocol. No hook throws: what one throws would end the whole socket. Everything up to the
 * stream is done at once, before the next message, so that a `complete` never meets an operation half begun.
 */
export function createProtocol(parts: ProtocolParts): Server<Connection> {
  const { schema, admit, budget, execute, initTimeoutMs, log } = parts;
  const contexts = new WeakMap<SubscribePayload, EdgeContext>();
  const formatFor = (payload: SubscribePayload) => createErrorFormatter(contexts.get(payload)?.log ?? log, schema);
  return makeServer<ConnectionInitMessage['payload'], Connection>({
    connectionInitWaitTimeout: initTimeoutMs,
    onConnect: ({ connectionParams, extra }) => extra.signIn(connectionParams),
    onSubscribe: ({ extra: connection }, _id, payload) => {
      const stop = new AbortController();
      try {
        const context = connection.contextOf(payload, stop.signal);
        contexts.set(payload, context);
        const operation = admit(payload);
        connection.begin(stop);
        const start = async () => {
          await budget.charge(operation, context);
          return paced(execute(operation, context), () => connection.drained(), stop.signal);
        };
        const { operationName, variables } = payload;
        const contextValue = new StoppableStream(start, stop);
        return { schema, document: operation.document, operationName, variableValues: variables, contextValue };
      } catch (error) {
        stop.abort();
        return error instanceof InvalidDocument ? error.errors : [graphqlErrorOf(error)];
      }
    },
    subscribe: ({ contextValue }) => contextValue as StoppableStream<object>,
    onNext: (_context, _id, payload, _args, { data, errors }) => {
      const format = formatFor(payload);
      return {
        ...(data !== undefined && { data }),
        ...(errors && { errors: errors.map((error) => format(plain(error), error)) }),
      };
    },
    onError: (_context, _id, payload, errors) => {
      const format = formatFor(payload);
      return errors.map((error) => format(plain(error), error.originalError ?? error));
    },
  });
}

function graphqlErrorOf(error: unknown): GraphQLError {
  return new GraphQLError('refused', { originalError: error instanceof Error ? error : new Error(String(error)) });
}

/** An executor may hand on errors of a subgraph's reply, which are plain already. */
function plain(error: GraphQLError | GraphQLFormattedError): GraphQLFormattedError {
  return error instanceof GraphQLError ? error.toJSON() : error;
}
