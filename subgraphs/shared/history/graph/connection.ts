import type { PageInfo } from './page-info.type.js';

export interface Connection<Node> {
  readonly edges: { readonly node: Node; readonly cursor: string }[];
  readonly pageInfo: PageInfo;
}

/** A page of nodes as a connection; each node's cursor is its key in the list. */
export function connectionOf<Node>(
  nodes: readonly Node[],
  hasNextPage: boolean,
  cursorOf: (node: Node) => string,
): Connection<Node> {
  const edges = nodes.map((node) => ({ node, cursor: cursorOf(node) }));
  return { edges, pageInfo: { hasNextPage, endCursor: edges.at(-1)?.cursor ?? null } };
}
