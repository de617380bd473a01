import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { execute, parse, type GraphQLSchema } from 'graphql';
import { SUBGRAPH_NAMES } from '../../infra/subgraph-names.js';
import { madeUpValue } from './made-up-value.js';
import { REPOSITORY, type SubgraphUrls } from './subgraph-urls.js';

interface GraphqlRequest {
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  readonly operationName?: string;
}

let requests = 0;

/**
 * All five subgraphs, as cheap as they can be: each request is answered by the committed schema once, and from memory
 * when it comes again. A GET tells how many requests of users all five have had.
 */
async function listen(name: string): Promise<string> {
  const sdl = await readFile(join(REPOSITORY, `schema/subgraphs/${name}.graphql`), 'utf8');
  const schema = buildSubgraphSchema({ typeDefs: parse(sdl) });
  const known = new Map<string, Buffer>();
  const replyTo = async (body: string): Promise<Buffer> => {
    const reply = known.get(body) ?? Buffer.from(await answer(name, schema, JSON.parse(body) as GraphqlRequest));
    known.set(body, reply);
    return reply;
  };
  const server = createServer(async (request, response) => {
    if (request.method === 'GET') {
      response.end(String(requests));
      return;
    }
    // The supergraph also asks for revocations now and then, on nobody's behalf.
    if (request.headers.authorization) requests += 1;
    const reply = await replyTo(await textOf(request));
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': reply.length });
    response.end(reply);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function answer(name: string, schema: GraphQLSchema, request: GraphqlRequest): Promise<string> {
  const result = await execute({
    schema,
    document: parse(request.query),
    rootValue: {},
    contextValue: name,
    fieldResolver: madeUpValue,
    variableValues: request.variables,
    operationName: request.operationName,
  });
  return JSON.stringify(result);
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  request.setEncoding('utf8');
  for await (const chunk of request) text += chunk as string;
  return text;
}

process.once('disconnect', () => process.exit());
const urls = await Promise.all(SUBGRAPH_NAMES.map(async (name) => [name, await listen(name)]));
process.send?.(Object.fromEntries(urls) as SubgraphUrls);
