import type { z } from 'zod';
import { redisEnv } from '#shared/redis/redis.config.js';
import {
  duration,
  httpUrl,
  integer,
  list,
  llmTimeoutMs,
  port,
  processEnv,
  tokenCheckEnv,
} from '#shared/config/env-fields.js';
import { serviceConfig } from '#shared/config/service-config.js';

const settings = serviceConfig({
  ...processEnv,
  ...tokenCheckEnv,
  PORT: port.default(8080),
  AUTH_URL: httpUrl,
  ANALYTICS_URL: httpUrl,
  IMAGE_URL: httpUrl,
  SUM_URL: httpUrl,
  CHAT_URL: httpUrl,
  /** Origins of browser applications that may call, separated by commas; exact, no wildcards. */
  CORS_ORIGIN: list.default([]),
  /** Requests a minute, per user and root field of GraphQL (a REST route is one too). */
  RATE_LIMIT_PER_MIN: integer(1, 1_000_000).default(60),
  /** Requests a minute from one address to each of register, login and refresh. */
  SIGN_IN_LIMIT_PER_MIN: integer(1, 1_000_000).default(20),
  ...redisEnv,
  /** Addresses or networks of the proxies whose X-Forwarded-For is believed, separated by commas; nobody's by default. */
  TRUSTED_PROXIES: list.default([]),
  MAX_BODY_BYTES: integer(1_024, 64 * 1024 * 1024).default(2 * 1024 * 1024),
  /** How long a WebSocket may stay open without having signed in. */
  WS_INIT_TIMEOUT: duration.default(5_000),
  /** WebSockets that one user may have open at a time, and as many streams of server-sent events beside them. */
  WS_SOCKETS_PER_USER: integer(1, 10_000).default(20),
  /** Subscriptions that may run on one WebSocket at a time. */
  WS_OPERATIONS_PER_SOCKET: integer(1, 10_000).default(50),
  /** How long a subgraph may take to answer. */
  SUBGRAPH_TIMEOUT: duration.default(15_000),
  /** As the LLM services have it: the next setting goes by it. */
  LLM_TIMEOUT_MS: llmTimeoutMs,
  /** How long a subgraph that calls a model may take to answer; by default half a minute longer than the model may. */
  LLM_SUBGRAPH_TIMEOUT: duration.optional(),
  /** For how long a stream whose subgraph is lost is asked for at the next one. */
  RESUME_WITHIN: duration.default(5_000),
});

export const supergraphConfig = settings.superRefine((config, context) => {
  const { LLM_TIMEOUT_MS } = config;
  if (llmSubgraphTimeoutMs(config) > LLM_TIMEOUT_MS) return;
  const message = `must be longer than LLM_TIMEOUT_MS, which is ${LLM_TIMEOUT_MS} ms`;
  context.addIssue({ code: 'custom', path: ['LLM_SUBGRAPH_TIMEOUT'], message });
});

export type SupergraphConfig = z.output<typeof supergraphConfig>;

/** Where a subgraph is, and how long it may take. */
export interface SubgraphTarget {
  readonly url: string;
  readonly timeoutMs: number;
}

/** For what a subgraph does before its model is asked and after the answer. */
const LLM_MARGIN_MS = 30_000;

/** Were it shorter than the model's time, the supergraph would hang up first, and the request be recorded as one whose client left. */
function llmSubgraphTimeoutMs(
  config: Pick<z.output<typeof settings>, 'LLM_TIMEOUT_MS' | 'LLM_SUBGRAPH_TIMEOUT'>,
): number {
  return config.LLM_SUBGRAPH_TIMEOUT ?? config.LLM_TIMEOUT_MS + LLM_MARGIN_MS;
}

/** The five subgraphs by the names they have in the supergraph's schema. */
export function subgraphTargets(config: SupergraphConfig): Readonly<Record<string, SubgraphTarget>> {
  const { SUBGRAPH_TIMEOUT } = config;
  const llmMs = llmSubgraphTimeoutMs(config);
  return {
    auth: { url: config.AUTH_URL, timeoutMs: SUBGRAPH_TIMEOUT },
    analytics: { url: config.ANALYTICS_URL, timeoutMs: SUBGRAPH_TIMEOUT },
    image: { url: config.IMAGE_URL, timeoutMs: llmMs },
    summarize: { url: config.SUM_URL, timeoutMs: llmMs },
    chat: { url: config.CHAT_URL, timeoutMs: llmMs },
  };
}
