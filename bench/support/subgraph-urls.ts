import { fileURLToPath } from 'node:url';

export const SUBGRAPH_NAMES = ['auth', 'analytics', 'image', 'summarize', 'chat'] as const;

/** Where each subgraph is, by its name in the supergraph's schema. */
export type SubgraphUrls = Readonly<Record<(typeof SUBGRAPH_NAMES)[number], string>>;

/** The benchmark runs compiled, from `dist/bench/gateway`. */
export const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));
