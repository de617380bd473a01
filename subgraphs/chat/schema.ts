import { UserStub } from '#shared/context/user.stub.js';
import { resolveRecordReference } from '#shared/history/graph/record.resolver.js';
import { forgetCollectedFields } from '#shared/server/collected-fields.js';
import { buildFederatedSchema } from '#shared/server/subgraph-schema.js';
import { ChatResolver, UserChatRecordsResolver } from './chat.resolver.js';
import type { ChatContext } from './context.js';
import { GenerationResolver } from './generation.resolver.js';
import { ChatSessionResolver, UserChatSessionsResolver } from './session.resolver.js';

export function buildChatSchema() {
  forgetCollectedFields();
  return buildFederatedSchema<ChatContext>({
    resolvers: [
      ChatResolver,
      GenerationResolver,
      ChatSessionResolver,
      UserChatSessionsResolver,
      UserChatRecordsResolver,
    ],
    orphanedTypes: [UserStub],
    references: { ChatRecord: resolveRecordReference, User: ({ id }) => ({ id }) },
  });
}
