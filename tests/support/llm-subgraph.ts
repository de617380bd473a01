import { randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import { createKeyPair } from '../../infra/init/key-pair.js';
import { loadConfig } from '#shared/config/load-config.js';
import type { RequestContext } from '#shared/context/request-context.js';
import { createAccessTokenSigner } from '#shared/context/token-signer.js';
import { createTokenVerifier } from '#shared/context/token-verifier.js';
import type { Role } from '#shared/context/viewer.js';
import type { LlmService } from '#shared/history/history.port.js';
import { openHistory, type OpenedHistory } from '#shared/history/open-history.js';
import { S3ObjectStore } from '#shared/history/store/s3-object-store.js';
import { createLogger, type Logger } from '#shared/logging/logger.js';
import { Lifecycle } from '#shared/server/lifecycle.js';
import { serveSubgraph } from '#shared/server/subgraph-server.js';
import { chatConfig, type ChatConfig } from '../../subgraphs/chat/config.js';
import { startAnalyticsDouble } from './analytics-double.js';
import { S3_ACCESS, startWatchedS3, type WatchedS3 } from './watched-s3.js';

export interface Account {
  readonly id: string;
  readonly email: string;
  readonly token: string;
}

export interface LlmUnderTest {
  readonly url: string;
  readonly store: WatchedS3;
  newAccount(role?: Role): Account;
  keys(prefix?: string): Promise<readonly string[]>;
  bytes(key: string): Promise<Buffer>;
  json<T = Record<string, unknown>>(key: string): Promise<T>;
  remove(key: string): Promise<void>;
  /** The event of this id, once it has arrived. */
  eventOf(id: string): Promise<Record<string, unknown>>;
  /** The first event that fits, once it has arrived. */
  eventBy(fits: (event: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>;
  stop(): Promise<void>;
}

/** What differs between the three; they have the same settings. */
export interface LlmDefinition {
  readonly service: LlmService;
  schema(): Promise<GraphQLSchema>;
  context(
    config: ChatConfig,
    opened: OpenedHistory,
    life: Lifecycle,
    log: Logger,
  ): Promise<(request: RequestContext, http: Pick<FastifyRequest, 'headers'>) => RequestContext>;
}

const RULES = { issuer: 'llm-supergraph', audience: 'llm-supergraph' };
const BUCKET = 'llmhist-test';
const EVENTS_WITHIN_MS = 60_000;

/** A subgraph with an embedded S3 of its own and a server in the place of analytics, listening on loopback. */
export async function startLlm(
  definition: LlmDefinition,
  env: Record<string, string> = {},
  log = createLogger({ level: 'silent', service: definition.service }),
): Promise<LlmUnderTest> {
  const life = new Lifecycle(log);
  const watched = await startWatchedS3(BUCKET, life);
  const { endpoint } = watched;
  const analytics = await startAnalyticsDouble();
  life.defer('analytics', () => analytics.close());
  const [access, service] = await Promise.all([createKeyPair(), createKeyPair()]);
  const config = loadConfig(chatConfig, {
    PORT: '0',
    NODE_ENV: 'test',
    S3_ENDPOINT: endpoint,
    S3_ACCESS_KEY: S3_ACCESS.accessKeyId,
    S3_SECRET_KEY: S3_ACCESS.secretAccessKey,
    S3_BUCKET: BUCKET,
    ANALYTICS_URL: analytics.url,
    // Nobody is asked: the tests check tokens without a list of revoked ones.
    AUTH_URL: 'http://127.0.0.1:1',
    JWT_PUBLIC_KEY: access.publicKey,
    SERVICE_PRIVATE_KEY: service.privateKey,
    // Nothing is waited for at the end that a test has left.
    SHUTDOWN_GRACE: '0s',
    ...env,
  });
  life.graceMs = config.SHUTDOWN_GRACE;
  const defer = life.defer.bind(life);
  const opened = openHistory({ service: definition.service, config, rules: RULES, log, defer });
  const subgraph = {
    name: definition.service,
    schema: await definition.schema(),
    context: await definition.context(config, opened, life, log),
    verify: createTokenVerifier({ accessKeys: config.JWT_PUBLIC_KEY }, RULES),
    checks: { s3: () => opened.store.ping() },
  };
  const port = await serveSubgraph(subgraph, { config, log, life });
  const store = new S3ObjectStore({ endpoint, bucket: BUCKET, ...S3_ACCESS });
  life.defer('store', () => store.close());
  const sign = createAccessTokenSigner(access.privateKey, RULES, 600_000);
  const bytes = async (key: string): Promise<Buffer> => {
    const found = await store.get(key);
    if (!found) throw new Error(`nothing at ${key}`);
    return Buffer.from(found.bytes);
  };
  // Events follow the reply: one is looked for until it is there.
  const eventBy = async (fits: (event: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> => {
    const until = Date.now() + EVENTS_WITHIN_MS;
    for (;;) {
      const found = analytics.received.flatMap(({ body }) => eventsOf(body)).find(fits);
      if (found) return found;
      if (Date.now() > until) throw new Error('no such event has arrived');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  return {
    url: `http://127.0.0.1:${port}`,
    store: watched,
    newAccount: (role = 'user') => newAccount(role, sign),
    keys: (prefix = '') => store.list(prefix, { limit: 1000 }),
    bytes,
    json: async (key) => JSON.parse((await bytes(key)).toString('utf8')),
    remove: (key) => store.delete(key),
    eventOf: (id) => eventBy((event) => event['id'] === id),
    eventBy,
    stop: () => life.close(),
  };
}

function eventsOf(body: string): Record<string, unknown>[] {
  return (JSON.parse(body) as { variables: { events: Record<string, unknown>[] } }).variables.events;
}

function newAccount(role: Role, sign: ReturnType<typeof createAccessTokenSigner>): Account {
  const id = randomUUID();
  const email = `${id}@example.com`;
  return { id, email, token: sign({ id, email, role, sessionId: randomUUID(), promptStorage: 'plain' }) };
}
