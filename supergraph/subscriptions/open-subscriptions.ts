import type { SubgraphTarget } from '../config.js';
import type { Gateway } from '../gateway/open-gateway.js';
import type { SubscribeOperation } from './subscribe-operation.js';
import { federatedSubscriptions } from './federated-subscriptions.js';
import { SubgraphStream } from './subgraph-stream.js';
import { SubscriptionPlanner } from './subscription-planner.js';

export interface OpenSubscriptionsOptions {
  /** For how long a stream whose subgraph is lost is asked for at the next one. */
  readonly resumeWithinMs: number;
  /** Called with what closes the connections. */
  defer(name: string, release: () => unknown): void;
}

/** Subscriptions over the subgraphs, each of which is connected to when one of its streams is first asked for. */
export function openSubscriptions(
  targets: Readonly<Record<string, SubgraphTarget>>,
  { supergraphSdl, sources }: Gateway,
  { resumeWithinMs, defer }: OpenSubscriptionsOptions,
): SubscribeOperation {
  const streams = new Map(Object.entries(targets).map(([name, { url }]) => [name, new SubgraphStream(name, url)]));
  defer('subgraph streams', () => Promise.all([...streams.values()].map((stream) => stream.close())));
  return federatedSubscriptions({ planner: new SubscriptionPlanner(supergraphSdl), streams, sources, resumeWithinMs });
}
