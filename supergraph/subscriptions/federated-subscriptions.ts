import type { GraphQLDataSource } from '@apollo/gateway';
import { GraphQLError, type ExecutionResult } from 'graphql';
import type { SubscribeOperation } from '../websocket/subscribe-operation.js';
import { completeEvent } from './complete-event.js';
import type { SubgraphStream } from './subgraph-stream.js';
import type { SubscriptionPlan, SubscriptionPlanner } from './subscription-planner.js';

export interface FederatedSubscriptionsParts {
  readonly planner: SubscriptionPlanner;
  readonly streams: ReadonlyMap<string, SubgraphStream>;
  readonly sources: ReadonlyMap<string, GraphQLDataSource>;
}

/**
 * Runs subscriptions over the supergraph: events come from the one subgraph that has the root field; what else the client
 * asked for is fetched for each event. An event that fails in part is an event with errors; the stream goes on.
 */
export function federatedSubscriptions({ planner, streams, sources }: FederatedSubscriptionsParts): SubscribeOperation {
  return async function* ({ document, operation, variables }, context) {
    const plan = planner.plan(document, operation.name?.value);
    const stream = streams.get(plan.primary.serviceName);
    if (!stream) throw new Error(`There is no address for the subgraph "${plan.primary.serviceName}".`);
    const subscription = {
      query: plan.primary.operation,
      operationName: plan.primary.operationName,
      variables: usedVariables(plan, variables),
    };
    for await (const event of stream.subscribe(subscription, context)) {
      if (event.data == null) yield { errors: (event.errors ?? []).map((error) => ofSubgraph(error, plan)) };
      else yield await completeEvent(event, { planner, plan, sources, variables, context });
    }
  };
}

function usedVariables({ primary }: SubscriptionPlan, variables: Readonly<Record<string, unknown>>) {
  const names = primary.variableUsages ?? [];
  return Object.fromEntries(names.filter((name) => name in variables).map((name) => [name, variables[name]]));
}

/** Marks a subgraph's error as one, so that it is formatted as the gateway's own are. */
function ofSubgraph(
  error: NonNullable<ExecutionResult['errors']>[number],
  { primary }: SubscriptionPlan,
): GraphQLError {
  const { message, path, extensions } = error;
  return new GraphQLError(message, {
    ...(path && { path }),
    extensions: { ...extensions, serviceName: primary.serviceName },
  });
}
