import type { GraphQLFormattedError } from 'graphql';
import type { EdgeContext } from '../edge/edge-context.js';

export interface OperationRequest {
  /** A GraphQL document with exactly one operation. */
  readonly document: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface OperationResult {
  readonly data: Readonly<Record<string, unknown>> | null;
  /** Already rebuilt from the allowlist: `extensions.code`, `extensions.retryable`, `extensions.issues`. */
  readonly errors: readonly GraphQLFormattedError[];
}

/** Runs one operation on the supergraph exactly as if it had come in by `POST /graphql`. */
export type ExecuteOperation = (operation: OperationRequest, context: EdgeContext) => Promise<OperationResult>;
