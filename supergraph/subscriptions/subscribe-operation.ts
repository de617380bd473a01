import type { ExecutionResult } from 'graphql';
import type { EdgeContext } from '../edge/edge-context.js';
import type { ParsedOperation } from '../edge/operation-budget.js';

/**
 * Runs one subscription that was admitted and paid for. Called when the first event is asked for, and not again after the
 * context's signal has aborted; from then on nothing that it yields is read. What it throws ends the operation with that
 * error, masked unless it is public.
 */
export type SubscribeOperation = (operation: ParsedOperation, context: EdgeContext) => AsyncIterable<ExecutionResult>;
