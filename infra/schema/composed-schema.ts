import 'reflect-metadata';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { composeServices } from '@apollo/composition';
import { Supergraph } from '@apollo/federation-internals';
import { printSubgraphSchema } from '@apollo/subgraph';
import { lexicographicSortSchema, parse, printSchema, type GraphQLSchema } from 'graphql';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { buildAnalyticsSchema } from '../../subgraphs/analytics/schema.js';
import { buildAuthSchema } from '../../subgraphs/auth/schema.js';
import { buildChatSchema } from '../../subgraphs/chat/schema.js';
import { buildImageSchema } from '../../subgraphs/image/schema.js';
import { buildSummarizeSchema } from '../../subgraphs/summarize/schema.js';

const BUILDERS: Readonly<Record<string, () => Promise<GraphQLSchema>>> = {
  auth: buildAuthSchema,
  analytics: buildAnalyticsSchema,
  image: buildImageSchema,
  summarize: buildSummarizeSchema,
  chat: buildChatSchema,
};

const roverConfig = z.object({
  subgraphs: z.record(z.string(), z.object({ routing_url: z.url(), schema: z.object({ file: z.string() }) })),
});

/**
 * Every file of `schema/` that comes from GraphQL, by its path: each subgraph's SDL, the supergraph SDL, and the schema that
 * clients see. Throws an Error that lists what does not compose.
 */
export async function composedSchema(root: string): Promise<Map<string, string>> {
  const rover = roverConfig.parse(parseYaml(await readFile(join(root, 'rover.yaml'), 'utf8')));
  const subgraphs = await Promise.all(
    Object.entries(rover.subgraphs).map(async ([name, { routing_url: url, schema }]) => {
      const build = BUILDERS[name];
      if (!build) throw new Error(`rover.yaml names a subgraph "${name}" that does not exist.`);
      return { name, url, file: schema.file.replace(/^\.\//, ''), sdl: printSubgraphSchema(await build()) };
    }),
  );
  const composed = composeServices(subgraphs.map(({ name, url, sdl }) => ({ name, url, typeDefs: parse(sdl) })));
  if (composed.errors) throw new Error(composed.errors.map(({ message }) => message).join('\n'));
  const api = Supergraph.build(composed.supergraphSdl).apiSchema().toGraphQLJSSchema();
  return new Map([
    ...subgraphs.map(({ file, sdl }) => [file, `${sdl.trim()}\n`] as const),
    ['schema/supergraph.graphql', `${composed.supergraphSdl.trim()}\n`],
    ['schema/api.graphql', `${printSchema(lexicographicSortSchema(api)).trim()}\n`],
  ]);
}
