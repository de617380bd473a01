import { getOperationAST, GraphQLError, OperationTypeNode, parse, validate } from 'graphql';
import type { DocumentNode, GraphQLSchema } from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import { LRUCache } from 'lru-cache';
import { AppError } from '#shared/errors/app-error.js';
import type { ErrorCode } from '#shared/errors/error-codes.js';
import { MAX_TOKENS, type DocumentGuard } from '../edge/document-guard.js';
import type { ParsedOperation } from '../edge/operation-budget.js';
import { NO_SUCH_OPERATION } from '../gateway/operation-rules.js';
import { subscriptionRules } from './subscription-rules.js';

export type AdmitSubscription = (payload: SubscribePayload) => ParsedOperation;

/** What is wrong with a document, for its author to see fault by fault. */
export class InvalidDocument extends Error {
  override readonly name = 'InvalidDocument';

  constructor(readonly errors: readonly GraphQLError[]) {
    super('The document is not valid.');
  }
}

/** Of the valid documents that are remembered, together; what is made of them takes some hundred times as much memory. */
const VALID_CHARS = 128 * 1024;

/**
 * Makes of a client's message the operation to run. Throws what HTTP would answer: PAYLOAD_TOO_LARGE, QUERY_TOO_COMPLEX,
 * OPERATION_RESOLUTION_FAILURE, BAD_REQUEST for what is not a subscription, and {@link InvalidDocument} with errors of
 * GRAPHQL_PARSE_FAILED or GRAPHQL_VALIDATION_FAILED.
 */
export function createAdmission(schema: GraphQLSchema, guard: DocumentGuard): AdmitSubscription {
  const valid = new LRUCache<string, DocumentNode>({
    maxSize: VALID_CHARS,
    sizeCalculation: (_document, text) => text.length,
  });
  return ({ query, operationName, variables }) => {
    guard.assertAdmissible(query);
    const known = valid.get(query);
    const document = known ?? parsed(query);
    const operation = getOperationAST(document, operationName);
    if (!operation) throw new AppError('OPERATION_RESOLUTION_FAILURE', NO_SUCH_OPERATION);
    if (operation.operation !== OperationTypeNode.SUBSCRIPTION) {
      throw new AppError('BAD_REQUEST', 'A WebSocket takes subscriptions only; send queries and mutations by HTTP.');
    }
    if (!known) {
      assertValid(schema, document);
      valid.set(query, document);
    }
    return { document, operation, variables: variables ?? {} };
  };
}

function parsed(query: string): DocumentNode {
  try {
    return parse(query, { maxTokens: MAX_TOKENS });
  } catch (error) {
    if (error instanceof GraphQLError) throw new InvalidDocument([coded(error, 'GRAPHQL_PARSE_FAILED')]);
    throw error;
  }
}

function assertValid(schema: GraphQLSchema, document: DocumentNode): void {
  for (const rules of [subscriptionRules, undefined]) {
    const errors = validate(schema, document, rules);
    if (errors.length === 0) continue;
    throw new InvalidDocument(errors.map((error) => coded(error, 'GRAPHQL_VALIDATION_FAILED')));
  }
}

function coded({ message, nodes, source, positions }: GraphQLError, code: ErrorCode): GraphQLError {
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    source,
    positions: positions ?? null,
    extensions: { code },
  });
}
