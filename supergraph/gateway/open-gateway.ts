import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ApolloGateway } from '@apollo/gateway';
import type { Lifecycle } from '#shared/server/lifecycle.js';
import type { ReadinessCheck } from '#shared/server/health.js';
import type { SubgraphTarget } from '../config.js';
import { PACKAGE_ROOT } from '../package-root.js';
import { SubgraphDataSource } from './subgraph-data-source.js';

export interface Gateway {
  readonly gateway: ApolloGateway;
  /** One per subgraph: whether it is alive. */
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
  /** The schema that it runs on. */
  readonly supergraphSdl: string;
  /** How each subgraph is asked, by its name. */
  readonly sources: ReadonlyMap<string, SubgraphDataSource>;
}

/**
 * Opens the gateway on the committed supergraph schema, so that it starts whether or not its subgraphs are up. Where they
 * are comes from the settings; the URLs in the schema are not used.
 */
export async function openGateway(
  targets: Readonly<Record<string, SubgraphTarget>>,
  life: Lifecycle,
): Promise<Gateway> {
  const sources = new Map(
    Object.entries(targets).map(([name, target]) => [name, new SubgraphDataSource({ name, ...target })]),
  );
  life.defer('subgraph connections', () => Promise.all([...sources.values()].map((source) => source.close())));
  const supergraphSdl = await readFile(join(PACKAGE_ROOT, 'schema/supergraph.graphql'), 'utf8');
  const gateway = new ApolloGateway({
    supergraphSdl,
    buildService: ({ name }) => {
      const source = sources.get(name);
      if (!source) throw new Error(`There is no address for the subgraph "${name}".`);
      return source;
    },
    logger: { debug: silent, info: silent, warn: silent, error: silent },
  });
  const checks = Object.fromEntries([...sources].map(([name, source]) => [name, () => source.ping()]));
  return { gateway, checks, supergraphSdl, sources };
}

/** What the gateway has to say is in the errors that it throws. */
function silent(): void {}
