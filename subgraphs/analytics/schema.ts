import { UserStub } from '#shared/context/user.stub.js';
import { buildFederatedSchema } from '#shared/server/subgraph-schema.js';
import type { AnalyticsContext } from './context.js';
import { EventResolver, resolveEventReference } from './event.resolver.js';
import { UsageResolver, UserUsageResolver } from './usage.resolver.js';

export function buildAnalyticsSchema() {
  return buildFederatedSchema<AnalyticsContext>({
    resolvers: [EventResolver, UsageResolver, UserUsageResolver],
    orphanedTypes: [UserStub],
    references: { Event: resolveEventReference, User: ({ id }) => ({ id }) },
  });
}
