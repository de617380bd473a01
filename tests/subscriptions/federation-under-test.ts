import { EventEmitter, on } from 'node:events';
import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import fastify from 'fastify';
import { getOperationAST, graphql, parse, type ExecutionResult, type GraphQLSchema } from 'graphql';
import { AppError } from '#shared/errors/app-error.js';
import { createLogger } from '#shared/logging/logger.js';
import { serveSubscriptions } from '#shared/server/subgraph-subscriptions.js';
import type { EdgeContext } from '../../supergraph/edge/edge-context.js';
import { SubgraphDataSource } from '../../supergraph/gateway/subgraph-data-source.js';
import { federatedSubscriptions } from '../../supergraph/subscriptions/federated-subscriptions.js';
import type { Resumptions } from '../../supergraph/subscriptions/resumptions.js';
import { SubgraphStream } from '../../supergraph/subscriptions/subgraph-stream.js';
import { SubscriptionPlanner } from '../../supergraph/subscriptions/subscription-planner.js';
import type { SubscribeOperation } from '../../supergraph/subscriptions/subscribe-operation.js';

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])';
const STREAMS = `${LINK}
  type Query { ping: String }
  type Subscription { ticks(topic: String!): Tick!  count(to: Int!, after: Int! = 0): Count! }
  type Tick { n: Int! note: String! owner: User! }
  type Count { n: Int! to: Int! end: String kind: Kind! parts(of: Int! = 1): [Part!]! maybe: String sure: String! }
  enum Kind { EVEN ODD }
  interface Part { size: Int! }
  type Half implements Part { size: Int! whole: Int! }
  type Rest implements Part { size: Int! }
  type User @key(fields: "id", resolvable: false) { id: ID! }`;
/** A count goes on after any of its events. */
const RESUMPTIONS: Resumptions = { count: { by: 'count', arguments: { to: 'to', after: 'n' }, lastHas: 'end' } };
const NAMES = `${LINK}
  type Query { nobody: String }
  type User @key(fields: "id") { id: ID! name: String! secret: String }`;

interface Tick {
  n: number;
  note: string;
  owner: { id: string };
}

interface Counting {
  readonly to: number;
  readonly after: number;
}

export interface FederationUnderTest {
  readonly subscribe: SubscribeOperation;
  /** Sends an event to everybody who listens to the topic. */
  emit(topic: string, tick: Tick): void;
  /** Resolves once so many subscriptions of the topic are open in the subgraph; counts are the topic `count`. */
  listening(topic: string, count: number): Promise<void>;
  /** Requests for names so far. */
  nameRequests(): number;
  /** Connections so far that were upgraded, by the subgraph. */
  upgrades(): Readonly<Record<'streams' | 'names', number>>;
  cutStreams(): Promise<void>;
  stop(): Promise<void>;
}

/** Two subgraphs on loopback: one streams, one knows names; and the supergraph's subscriptions over both. */
export async function startFederation(): Promise<FederationUnderTest> {
  const bus = new EventEmitter().setMaxListeners(0);
  const changed = new EventEmitter();
  const open = new Map<string, number>();
  const count = (topic: string, by: number): void => {
    open.set(topic, (open.get(topic) ?? 0) + by);
    changed.emit('change');
  };
  async function* ticks(topic: string, signal: AbortSignal): AsyncGenerator<{ ticks: Tick }> {
    const events = on(bus, topic, { signal });
    count(topic, 1);
    try {
      for await (const [tick] of events as AsyncIterable<[Tick]>) yield { ticks: tick };
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      count(topic, -1);
    }
  }
  /** As fast as they can be sent. */
  async function* counts({ to, after }: Counting, signal: AbortSignal): AsyncGenerator<object> {
    count('count', 1);
    try {
      for (let n = after + 1; n <= to && !signal.aborted; n += 1) yield { count: countOf(n, to) };
    } finally {
      count('count', -1);
    }
  }
  const log = createLogger({ level: 'silent', service: 'test' });
  const streamServer = fastify();
  const streamSchema = buildSubgraphSchema({
    typeDefs: parse(STREAMS),
    resolvers: {
      Subscription: {
        ticks: {
          subscribe: (_: unknown, { topic }: { topic: string }, { signal }: { signal: AbortSignal }) =>
            ticks(topic, signal),
        },
        count: {
          subscribe: (_: unknown, counting: Counting, { signal }: { signal: AbortSignal }) => counts(counting, signal),
        },
      },
    } as never,
  });
  const upgrades = { streams: 0, names: 0 };
  streamServer.server.on('upgrade', () => (upgrades.streams += 1));
  const openStreams = serveSubscriptions(streamServer, {
    schema: streamSchema,
    contextOf: ({ authorization }, signal) => {
      if (authorization !== 'Bearer good')
        throw new AppError('UNAUTHENTICATED', 'The access token is not valid or has expired.');
      return { signal };
    },
    log,
  });
  let closing: Promise<void> | undefined;
  const closeStreams = (): Promise<void> => (closing ??= openStreams());
  let nameRequests = 0;
  const nameServer = fastify();
  nameServer.server.on('upgrade', () => (upgrades.names += 1));
  const nameSchema = buildSubgraphSchema({
    typeDefs: parse(NAMES),
    resolvers: {
      User: {
        __resolveReference: ({ id }: { id: string }) => ({ id, name: `Name of ${id}` }),
        secret: () => {
          throw new Error('no');
        },
      },
    },
  });
  nameServer.post('/graphql', (request) => {
    nameRequests += 1;
    return answer(nameSchema, request.body as never);
  });
  const urls = {
    streams: await streamServer.listen({ host: '127.0.0.1', port: 0 }),
    names: await nameServer.listen({ host: '127.0.0.1', port: 0 }),
  };
  const composed = composeServices([
    { name: 'streams', url: urls.streams, typeDefs: parse(STREAMS) },
    { name: 'names', url: urls.names, typeDefs: parse(NAMES) },
  ]);
  if (composed.errors) throw new AggregateError(composed.errors);
  const planner = new SubscriptionPlanner(composed.supergraphSdl, RESUMPTIONS);
  const sources = new Map(
    Object.entries(urls).map(([name, url]) => [name, new SubgraphDataSource({ name, url, timeoutMs: 5_000 })]),
  );
  const streams = new Map(Object.entries(urls).map(([name, url]) => [name, new SubgraphStream(name, url)]));
  return {
    subscribe: federatedSubscriptions({ planner, streams, sources, resumeWithinMs: 5_000 }),
    emit: (topic, tick) => void bus.emit(topic, tick),
    async listening(topic, wanted) {
      while ((open.get(topic) ?? 0) !== wanted) await new Promise((resolve) => changed.once('change', resolve));
    },
    nameRequests: () => nameRequests,
    upgrades: () => upgrades,
    cutStreams: closeStreams,
    async stop() {
      for (const stream of streams.values()) await stream.close();
      for (const source of sources.values()) await source.close();
      await closeStreams();
      await Promise.all([streamServer.close(), nameServer.close()]);
    },
  };
}

function countOf(n: number, to: number) {
  const part = n % 2 === 0 ? { __typename: 'Half', size: n / 2, whole: n } : { __typename: 'Rest', size: 1 };
  const fails = (): null => {
    throw new AppError('NOT_FOUND', 'No such thing.');
  };
  return {
    n,
    to,
    end: n === to ? 'end' : null,
    kind: n % 2 === 0 ? 'EVEN' : 'ODD',
    parts: [part],
    maybe: fails,
    sure: fails,
  };
}

async function answer(
  schema: GraphQLSchema,
  { query, variables }: { query: string; variables?: Record<string, unknown> },
): Promise<object> {
  const { data, errors } = await graphql({ schema, source: query, variableValues: variables ?? null });
  return {
    data,
    ...(errors && {
      errors: errors.map(({ path }) => ({ message: 'failed', path, extensions: { code: 'NOT_FOUND' } })),
    }),
  };
}

/** What a subscription brings. */
export function eventsOf(
  federation: FederationUnderTest,
  query: string,
  { variables = {}, context }: { variables?: Record<string, unknown>; context: EdgeContext },
): AsyncIterator<ExecutionResult> {
  const document = parse(query);
  const operation = getOperationAST(document);
  if (!operation) throw new Error('no operation');
  return federation.subscribe({ document, operation, variables }, context)[Symbol.asyncIterator]();
}

export function contextWith(signal: AbortSignal, accessToken = 'good'): EdgeContext {
  return {
    viewer: null,
    accessToken,
    requestId: '0198c0de-0000-4000-8000-000000000001',
    clientIp: '127.0.0.1',
    userAgent: null,
    log: createLogger({ level: 'silent', service: 'test' }),
    setReplyHeader: () => undefined,
    signal,
  };
}
