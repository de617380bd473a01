import { integer, port, processEnv, tokenCheckEnv } from './env-fields.js';

/** Settings that every subgraph has. */
export const subgraphEnv = {
  ...processEnv,
  ...tokenCheckEnv,
  PORT: port,
  MAX_BODY_BYTES: integer(1_024, 64 * 1024 * 1024).default(2 * 1024 * 1024),
};
