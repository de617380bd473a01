import { LLM_SERVICES } from '#shared/events/usage-event.js';

/** The five subgraphs, as the supergraph's schema and their folders name them. */
export const SUBGRAPH_NAMES = ['auth', 'analytics', ...LLM_SERVICES] as const;

export type SubgraphName = (typeof SUBGRAPH_NAMES)[number];
