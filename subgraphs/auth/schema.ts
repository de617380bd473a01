import { buildFederatedSchema } from '#shared/server/subgraph-schema.js';
import type { AuthContext } from './context.js';
import { RevocationResolver } from './revocation.resolver.js';
import { SessionResolver, UserSessionsResolver } from './session.resolver.js';
import { resolveUserReference, UserResolver } from './user.resolver.js';

export function buildAuthSchema() {
  return buildFederatedSchema<AuthContext>({
    resolvers: [RevocationResolver, SessionResolver, UserResolver, UserSessionsResolver],
    references: { User: resolveUserReference },
  });
}
