/** The five subgraphs, as the supergraph's schema and their folders name them. */
export const SUBGRAPH_NAMES = ['auth', 'analytics', 'image', 'summarize', 'chat'] as const;

export type SubgraphName = (typeof SUBGRAPH_NAMES)[number];
