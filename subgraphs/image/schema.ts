import { UserStub } from '#shared/context/user.stub.js';
import { resolveRecordReference } from '#shared/history/graph/record.resolver.js';
import { forgetCollectedFields } from '#shared/server/collected-fields.js';
import { buildFederatedSchema } from '#shared/server/subgraph-schema.js';
import type { ImageContext } from './context.js';
import { ImageResolver, UserImagesResolver } from './image.resolver.js';

export function buildImageSchema() {
  forgetCollectedFields();
  return buildFederatedSchema<ImageContext>({
    resolvers: [ImageResolver, UserImagesResolver],
    orphanedTypes: [UserStub],
    references: { ImageRecord: resolveRecordReference, User: ({ id }) => ({ id }) },
  });
}
