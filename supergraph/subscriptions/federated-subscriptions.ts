import type { GraphQLDataSource } from '@apollo/gateway';
import type { SubscribeOperation } from './subscribe-operation.js';
import { variableErrors } from '../gateway/variable-errors.js';
import { completeEvent } from './complete-event.js';
import { resumedEvents } from './resumed-events.js';
import { ofSubgraph } from './subgraph-error.js';
import type { SubgraphStream } from './subgraph-stream.js';
import type { SubscriptionPlan, SubscriptionPlanner } from './subscription-planner.js';

export interface FederatedSubscriptionsParts {
  readonly planner: SubscriptionPlanner;
  readonly streams: ReadonlyMap<string, SubgraphStream>;
  readonly sources: ReadonlyMap<string, GraphQLDataSource>;
  /** For how long a stream that can be taken up again is asked for when its subgraph is lost. */
  readonly resumeWithinMs: number;
}

/** So many are told at a time. */
const MAX_VARIABLE_ERRORS = 50;

/**
 * Runs subscriptions over the supergraph: events come from the one subgraph that has the root field; what else the client
 * asked for is fetched for each event. An event that fails in part is an event with errors; the stream goes on. So it does
 * when the subgraph is lost, where it is known how to take it up again. One whose variables are not what it declares is
 * one event with errors, and nobody is asked.
 */
export function federatedSubscriptions(parts: FederatedSubscriptionsParts): SubscribeOperation {
  const { planner, streams, sources, resumeWithinMs: withinMs } = parts;
  return async function* (asked, context) {
    const refusal = variableErrors(planner.apiSchema, asked, MAX_VARIABLE_ERRORS);
    if (refusal) {
      yield { errors: refusal };
      return;
    }
    const { document, operation, variables } = asked;
    const plan = planner.plan(document, operation.name?.value);
    const stream = streams.get(plan.primary.serviceName);
    if (!stream) throw new Error(`There is no address for the subgraph "${plan.primary.serviceName}".`);
    const subscription = {
      query: plan.primary.operation,
      operationName: plan.primary.operationName,
      variables: usedVariables(plan, variables),
    };
    const { resumable } = plan;
    const events = resumable
      ? resumedEvents(stream, subscription, { operation: resumable, context, withinMs })
      : stream.subscribe(subscription, context);
    for await (const event of events) {
      if (event.data == null) {
        const errors = (event.errors ?? []).map((error) => ofSubgraph(error, plan.primary.serviceName));
        // Null is what an execution came to; a refusal before it has none (GraphQL §7.1).
        yield event.data === null ? { errors, data: null } : { errors };
      } else yield await completeEvent(event, { planner, plan, sources, variables, context });
    }
  };
}

function usedVariables({ primary }: SubscriptionPlan, variables: Readonly<Record<string, unknown>>) {
  const names = primary.variableUsages ?? [];
  return Object.fromEntries(names.filter((name) => name in variables).map((name) => [name, variables[name]]));
}
