import { UserStub } from '#shared/context/user.stub.js';
import { resolveRecordReference } from '#shared/history/graph/record.resolver.js';
import { forgetCollectedFields } from '#shared/server/collected-fields.js';
import { buildFederatedSchema } from '#shared/server/subgraph-schema.js';
import type { SummarizeContext } from './context.js';
import { SummaryResolver, UserSummariesResolver } from './summary.resolver.js';

export function buildSummarizeSchema() {
  forgetCollectedFields();
  return buildFederatedSchema<SummarizeContext>({
    resolvers: [SummaryResolver, UserSummariesResolver],
    orphanedTypes: [UserStub],
    references: { SummaryRecord: resolveRecordReference, User: ({ id }) => ({ id }) },
  });
}
