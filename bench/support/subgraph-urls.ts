import { fileURLToPath } from 'node:url';
import type { SubgraphName } from '../../infra/subgraph-names.js';

/** Where each subgraph is, by its name in the supergraph's schema. */
export type SubgraphUrls = Readonly<Record<SubgraphName, string>>;

/** The benchmark runs compiled, from `dist/bench/gateway`. */
export const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));
