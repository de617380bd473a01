import { httpUrl, integer, port, processEnv, tokenCheckEnv } from './env-fields.js';

/** Settings that every subgraph has, the auth service too. */
export const ownSubgraphEnv = {
  ...processEnv,
  ...tokenCheckEnv,
  PORT: port,
  MAX_BODY_BYTES: integer(1_024, 64 * 1024 * 1024).default(2 * 1024 * 1024),
};

/** Settings of the subgraphs that ask the auth service what is revoked. */
export const subgraphEnv = { ...ownSubgraphEnv, AUTH_URL: httpUrl };
