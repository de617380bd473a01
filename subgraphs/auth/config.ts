import { z } from 'zod';
import { duration, integer, pem } from '#shared/config/env-fields.js';
import { serviceConfig } from '#shared/config/service-config.js';
import { ownSubgraphEnv } from '#shared/config/subgraph-env.js';

export const authConfig = serviceConfig({
  ...ownSubgraphEnv,
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgresql:// URL' }),
  /** Signs access tokens. Its public half must be among JWT_PUBLIC_KEY. */
  JWT_PRIVATE_KEY: pem,
  ACCESS_TTL: duration.default(900_000),
  REFRESH_TTL: duration.default(30 * 86_400_000),
  /** Failed attempts to sign in to one account in 15 minutes, from strangers' addresses or from one known to it. */
  SIGN_IN_FAILURES: integer(1, 1_000_000).default(10),
  BCRYPT_ROUNDS: integer(4, 15).default(10),
});

export type AuthConfig = z.output<typeof authConfig>;
